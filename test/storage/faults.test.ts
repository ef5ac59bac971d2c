import { readdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { isForgeError } from '../../core/errors/index.js';
import { openLowdbRegistry } from '../../plugins/registries/lowdb/registry.js';
import {
  FileArtifactStore,
  FileCheckpointArea,
  PendingFile,
  sha256,
  writeFileAtomic,
  writeModelFiles,
  type FileSystem,
} from '../../storage/index.js';
import { isTemporaryName } from '../../storage/temporary.js';
import { failingDisk, failingOnce } from '../../testing/faulty-disk.js';
import { slowDisk } from '../../testing/slow-disk.js';
import { watchedDisk } from '../support/watched-disk.js';
import { checkpointOf } from './support/checkpoint-of.js';
import { modelRef, sessionRecord } from './support/records.js';
import { scratchFolders, thrownBy } from './support/scratch.js';

const scratch = scratchFolders();

const STORAGE = /^AF_STORAGE_(IO|FULL)$/;

/**
 * Do something again and again, each time with the next call on the disk failing, until all calls were tried.
 * @param prepare makes a fresh place
 * @param use works in it on the disk that fails once
 * @param check looks at the place afterwards; `failed` tells whether `use` threw
 */
async function everyCall(
  use: (folder: string, files: FileSystem) => Promise<unknown>,
  check: (folder: string, failed: boolean) => Promise<void> | void,
  prepare: (folder: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const code of ['EIO', 'ENOSPC']) {
    for (let count = 1; ; count++) {
      const folder = await scratch();
      await prepare(folder);
      const watched = watchedDisk();
      const { files, wasReached } = failingOnce(count, code, watched.files);
      const error: unknown = await use(folder, files).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect({ count, open: watched.open(), busy: watched.busy() }).toEqual({ count, open: [], busy: 0 });
      if (error !== null) {
        if (!isForgeError(error)) throw new Error('no error of ours', { cause: error });
        expect(error.code).toMatch(STORAGE);
        expect(error).toMatchObject({ facts: { systemCode: code } });
      }
      await check(folder, error !== null);
      if (wasReached()) continue;
      expect({ count, error }).toEqual({ count: expect.any(Number), error: null });
      expect(count).toBeGreaterThan(5);
      break;
    }
  }
}

/** Every file below a folder that has a final name. */
function finalFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.split('/').some(isTemporaryName));
}

/** How much lies under a temporary name although nobody was killed: only a removal that failed may leave something. */
function leftIn(folder: string): number {
  return (readdirSync(folder, { recursive: true }) as string[]).filter((path) =>
    isTemporaryName(basename(path)),
  ).length;
}

describe('when any one call on the disk fails', () => {
  it('a file written in one step has the old content or the new', () =>
    everyCall(
      (folder, files) => writeFileAtomic(join(folder, 'a', 'file'), 'new', files),
      (folder, failed) => {
        const content = readFileSync(join(folder, 'a', 'file'), 'utf8');
        expect(failed ? ['old', 'new'] : ['new']).toContain(content);
        expect(finalFiles(folder)).toHaveLength(1);
      },
      (folder) => writeFileAtomic(join(folder, 'a', 'file'), 'old'),
    ));

  it('an artifact lies whole under its hash, or not at all', () =>
    everyCall(
      async (folder, files) => {
        const store = await FileArtifactStore.open(folder, files);
        await store.putTensors('weights', checkpointOf(1).tensors, { dtype: 'BF16' });
        await store.put('text', 'hello');
      },
      (folder, failed) => {
        const stored = finalFiles(folder);
        for (const path of stored) expect(sha256(readFileSync(path))).toBe(path.split('/').at(-1));
        if (!failed) expect(stored).toHaveLength(2);
        expect(leftIn(folder)).toBeLessThanOrEqual(failed ? 0 : 1);
      },
    ));

  it('the checkpoint before it or the new one is there, and is whole', () =>
    everyCall(
      (folder, files) => new FileCheckpointArea(folder, { files }).save(checkpointOf(2), { keep: 2 }),
      async (folder, failed) => {
        const warnings: string[] = [];
        const area = new FileCheckpointArea(folder, { onWarning: (message) => warnings.push(message) });
        const found = (await area.latest())!;
        expect(failed ? [1, 2] : [2]).toContain(found.step);
        expect(found).toEqual(checkpointOf(found.step));
        expect(warnings).toEqual([]);
        expect(leftIn(folder)).toBeLessThanOrEqual(failed ? 0 : 1);
      },
      (folder) => new FileCheckpointArea(folder).save(checkpointOf(1)),
    ));

  it('a registry keeps what it had', () =>
    everyCall(
      async (folder, files) => {
        const registry = await openLowdbRegistry(folder, { files });
        await registry.createSession(sessionRecord('two'));
      },
      async (folder, failed) => {
        const ids = (await (await openLowdbRegistry(folder)).sessions()).map(({ id }) => id);
        expect(ids).toContain('one');
        if (!failed) expect(ids).toContain('two');
      },
      async (folder) => (await openLowdbRegistry(folder)).createSession(sessionRecord('one')),
    ));

  it('a model written into a folder is complete, or the failure is told', async () => {
    const place = await scratch();
    const store = await FileArtifactStore.open(place);
    const weights = await store.putTensors('model.safetensors', checkpointOf(1).tensors);
    const model = { ...modelRef('m', 's', weights), weights };
    await everyCall(
      (folder, files) => writeModelFiles(model, store, join(folder, 'out'), files),
      (folder, failed) => {
        if (failed) return;
        const names = ['config.json', 'metadata.json', 'model.safetensors'];
        expect(readdirSync(join(folder, 'out')).sort()).toEqual(names);
        expect(sha256(readFileSync(join(folder, 'out', 'model.safetensors')))).toBe(weights.sha256);
      },
    );
  });
});

it('a flush that failed beside the writes is told when the file is closed', async () => {
  const folder = await scratch();
  const files = failingDisk(({ operation }) => operation === 'datasync', 'EIO');
  const pending = await PendingFile.create(folder, 'large', files);
  const block = new Uint8Array(1 << 20);
  for (let i = 0; i < 65; i++) await pending.write(block, i * block.length);
  expect(await thrownBy(() => pending.commit(join(folder, 'large')))).toMatchObject({
    code: 'AF_STORAGE_IO',
  });
  await pending.abort();
  expect(await readdir(folder)).toEqual([]);
});

describe('on a disk that takes its time', () => {
  const large: TensorDict = Object.fromEntries(
    ['a', 'b', 'c'].map((name, t) => {
      const data = Float32Array.from({ length: 3000 + t }, (_, i) => i * (t + 1));
      return [name, { shape: [data.length], dtype: 'float32', data }];
    }),
  );

  it('artifacts written at once keep apart, and read as they were written', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const store = await FileArtifactStore.open(await scratch(), slowDisk(seed));
      const refs = await Promise.all([
        store.putTensors('f32', large),
        store.putTensors('bf16', large, { dtype: 'BF16' }),
        store.put('text', 'x'.repeat(10_000)),
        store.putTensors('again', large),
      ]);
      expect(refs[3]!.sha256).toBe(refs[0]!.sha256);
      const [whole, narrowed, text] = await Promise.all([
        store.readTensors(refs[0]!),
        store.readTensors(refs[1]!),
        store.readText(refs[2]!),
        store.readTensors(refs[0]!),
      ]);
      expect(whole).toEqual(large);
      expect(narrowed['a']!.data[256]).toBe(256);
      expect(text).toBe('x'.repeat(10_000));
    }
  });

  it('checkpoints saved one after another read as they were saved', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const area = new FileCheckpointArea(await scratch(), { files: slowDisk(seed) });
      for (const step of [1, 2, 3]) await area.save(checkpointOf(step), { keep: 2 });
      expect(await area.latest()).toEqual(checkpointOf(3));
    }
  });
});
