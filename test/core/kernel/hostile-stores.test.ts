import { defineRegistry, defineStorage, type Plugin } from '../../../core/contracts/index.js';
import { ForgeError, type ErrorCode } from '../../../core/errors/index.js';
import { openLowdbRegistry } from '../../../plugins/registries/lowdb/registry.js';
import { openFilesStorage } from '../../../storage/files-storage.js';
import { fails, hostileKernels, rubbish, stuck } from '../support/hostile.js';

const boot = hostileKernels();

describe('registry and storage of a plugin', () => {
  function registry(changes: Record<string, unknown>): Plugin {
    return defineRegistry({
      name: 'lowdb',
      create: () => ({
        open: async (folder) => {
          const real = await openLowdbRegistry(folder);
          return new Proxy(real, {
            get: (target, key) => {
              if (Object.hasOwn(changes, key)) return changes[String(key)];
              const member: unknown = Reflect.get(target, key);
              return typeof member === 'function' ? (member.bind(target) as unknown) : member;
            },
          });
        },
      }),
    })();
  }
  const opening = (open: () => unknown): Plugin =>
    defineRegistry({ name: 'lowdb', create: () => ({ open: open as never }) })();
  const cases: [string, Plugin, ErrorCode, RegExp][] = [
    [
      'open gives nothing',
      opening(() => Promise.resolve()),
      'AF_PLUGIN_FAILED',
      /"lowdb" failed in registry\.open: it gave nothing/,
    ],
    [
      'open throws a string',
      opening(() => {
        throw rubbish('bad');
      }),
      'AF_PLUGIN_FAILED',
      /registry\.open: bad/,
    ],
    ['open never settles', opening(stuck), 'AF_PLUGIN_NEVER_SETTLED', /Registry\.open of plugin "lowdb"/],
    [
      'members are missing',
      opening(() => Promise.resolve({ close: () => undefined })),
      'AF_PLUGIN_FAILED',
      /registry: it lacks createSession/,
    ],
    [
      'createSession throws',
      registry({
        createSession: () => {
          throw new Error('no luck');
        },
      }),
      'AF_PLUGIN_FAILED',
      /"lowdb" failed in registry\.createSession: no luck/,
    ],
    [
      'createSession never settles',
      registry({ createSession: stuck }),
      'AF_PLUGIN_NEVER_SETTLED',
      /Registry\.createSession of plugin "lowdb"/,
    ],
  ];
  it.each(cases)('%s', async (_, hostile, code, message) => {
    const test = await boot({ plugins: [hostile] });
    const error: unknown = await test.kernel.run().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toMatch(message);
  });

  it('lists that are none are told by method', async () => {
    const test = await boot({ plugins: [registry({ phases: () => Promise.resolve(undefined) })] });
    const report = await test.kernel.run();
    expect(report).toMatchObject({ status: 'failed', error: { code: 'AF_PLUGIN_FAILED' } });
    expect(report.error!.message).toContain('registry.phases gave nothing instead of a list');
  });

  it('a session of a storage fails by name, and a full disk keeps its own code', async () => {
    const storage = (save: () => Promise<never>): Plugin =>
      defineStorage({
        name: 'files',
        create: () => ({
          open: async (root: string) => {
            const real = await openFilesStorage(root);
            const openSession: typeof real.openSession = async (id, options) => {
              const session = await real.openSession(id, options);
              const area = (): never =>
                rubbish({
                  save,
                  latest: () => Promise.resolve(null),
                  clear: () => Promise.resolve(),
                  child: area,
                });
              return Object.freeze({
                folder: session.folder,
                checkpoints: area,
                writeFile: (name: string, content: string) => session.writeFile(name, content),
                readFile: (name: string) => session.readFile(name),
                release: () => session.release(),
              });
            };
            return Object.freeze({
              root: real.root,
              artifacts: real.artifacts,
              newSessionId: () => real.newSessionId(),
              openSession,
              isLocked: (id: string) => real.isLocked(id),
              freeBytes: () => real.freeBytes(),
            });
          },
        }),
      })();
    const test = await boot({ plugins: [storage(fails)] });
    const report = await test.kernel.run();
    expect(report.error).toMatchObject({
      code: 'AF_PLUGIN_FAILED',
      message: 'Plugin "files" failed in storage.checkpoints.save: no luck',
    });
    const full = await boot({
      plugins: [storage(() => Promise.reject(new ForgeError('AF_STORAGE_FULL', 'full')))],
    });
    expect((await full.kernel.run()).error).toMatchObject({ code: 'AF_STORAGE_FULL' });
  });
});
