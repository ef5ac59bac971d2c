import { REGISTRY, type Registry, type RegistryProvider } from '../../core/contracts/registry.js';
import { STORAGE, type Storage, type StorageProvider } from '../../core/contracts/storage.js';
import type { ArtifactStore, CheckpointArea } from '../../core/contracts/store.js';
import { lowdb } from '../../plugins/registries/lowdb/index.js';
import { files } from '../../plugins/storages/files.js';
import { implementationOf, registryConformance, storageConformance } from '../../testing/index.js';
import { fails } from '../support/conformance.js';

/** `target` with some members replaced. */
function but<T extends object>(target: T, changes: (real: T) => Partial<T>): T {
  const replaced = changes(target) as Record<PropertyKey, unknown>;
  return new Proxy(target, {
    get(real, key) {
      if (key in replaced) return replaced[key];
      const value: unknown = Reflect.get(real, key, real);
      return typeof value === 'function' ? (value.bind(real) as unknown) : value;
    },
  });
}

describe('a wrong registry fails, in the case that is about it', () => {
  const broken = (changes: (real: Registry) => Partial<Registry>) => async (): Promise<RegistryProvider> => {
    const real = await implementationOf(REGISTRY, lowdb());
    return { open: async (folder) => but(await real.open(folder), changes) };
  };
  test.each<[string, string, () => Promise<RegistryProvider>]>([
    [
      'oldest sessions first',
      'keeps sessions',
      broken((real) => ({ sessions: async (filter) => (await real.sessions(filter)).reverse() })),
    ],
    [
      'updates that are not written',
      'keeps sessions',
      broken((real) => ({
        updateSession: async (id, changes) => ({ ...(await real.session(id))!, ...changes }),
      })),
    ],
    [
      'a search that minds case',
      'keeps models, the same one only once',
      broken((real) => ({
        models: async (filter = {}) =>
          (await real.models(filter)).filter(
            ({ id }) => filter.search === undefined || id.includes(filter.search),
          ),
      })),
    ],
    [
      'a deletion that does nothing',
      'deletes a session with all it has',
      broken(() => ({ deleteSession: () => Promise.resolve() })),
    ],
    [
      'a cache of its own',
      'serves two handles at once',
      broken((real) => {
        const seen = new Map<string, ReturnType<Registry['session']>>();
        const first = (id: string): ReturnType<Registry['session']> => {
          const known = seen.get(id) ?? real.session(id);
          seen.set(id, known);
          return known;
        };
        return { session: first };
      }),
    ],
  ])('%s', async (_, name, make) => {
    expect(await fails(registryConformance(make), name)).toBe(true);
  });
});

describe('a wrong storage fails, in the case that is about it', () => {
  const broken = (changes: (real: Storage) => Partial<Storage>) => async (): Promise<StorageProvider> => {
    const real = await implementationOf(STORAGE, files());
    return { open: async (root) => but(await real.open(root), changes) };
  };
  const artifacts = (changes: (real: ArtifactStore) => Partial<ArtifactStore>) =>
    broken((real) => ({ artifacts: but(real.artifacts, changes) }));
  const areas = (changes: (real: CheckpointArea) => Partial<CheckpointArea>) =>
    broken((real) => ({
      openSession: async (id, options) =>
        but(await real.openSession(id, options), (session) => ({
          checkpoints: (phase) => but(session.checkpoints(phase), changes),
        })),
    }));
  test.each<[string, string, () => Promise<StorageProvider>]>([
    [
      'names that are not the hash',
      'keeps texts and bytes by their hash',
      artifacts((real) => ({
        put: async (name, content) => ({ ...(await real.put(name, content)), name: 'other' }),
      })),
    ],
    [
      'damage that goes unnoticed',
      'notices a flipped byte and a missing file',
      artifacts(() => ({ read: () => Promise.resolve(new Uint8Array()) })),
    ],
    [
      'one session after another of the same name',
      'keeps sessions apart and locked',
      broken(() => ({ newSessionId: () => Promise.resolve('session_20260101_000000') })),
    ],
    [
      'no checkpoint at all',
      'keeps the newest checkpoints',
      areas(() => ({ latest: () => Promise.resolve(null) })),
    ],
    ['one area for all children', 'keeps the newest checkpoints', areas((real) => ({ child: () => real }))],
    [
      'damaged checkpoints that count as none',
      'falls back to an older checkpoint when the newest is damaged',
      areas((real) => ({ latest: () => real.latest().catch(() => null) })),
    ],
  ])('%s', async (_, name, make) => {
    expect(await fails(storageConformance(make), name)).toBe(true);
  });
});
