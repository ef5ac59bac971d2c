import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Storage, StorageProvider } from '../../core/contracts/storage.js';
import type { Checkpoint, CheckpointArea } from '../../core/contracts/store.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import type { ConformanceCase, Subject } from '../case.js';
import { expectClose, expectEqual, expectFailure, expectThat } from '../expect.js';
import { AWKWARD_TEXTS } from '../fixtures/events.js';
import { withTemporaryFolder } from '../temporary-folder.js';

function tensors(shift = 0): TensorDict {
  return {
    'layers.0.weight': {
      shape: [2, 3],
      dtype: 'float32',
      data: Float32Array.from([1, -2, 0.5, NaN, Infinity, shift]),
    },
    scalar: { shape: [], dtype: 'float32', data: Float32Array.of(3) },
    ids: { shape: [4], dtype: 'int32', data: Int32Array.of(1, -1, 2 ** 31 - 1, 0) },
    mask: { shape: [3], dtype: 'bool', data: Uint8Array.of(1, 0, 1) },
  };
}

function sameTensors(found: TensorDict, expected: TensorDict, what: string): void {
  expectEqual(Object.keys(found), Object.keys(expected), `${what}: names in order`);
  for (const [name, tensor] of Object.entries(expected)) {
    expectEqual([...(found[name]?.shape ?? [])], [...tensor.shape], `${what}: shape of ${name}`);
    expectEqual(found[name]?.dtype, tensor.dtype, `${what}: type of ${name}`);
    expectClose(found[name]!.data, tensor.data, 0, `${what}: ${name}`);
  }
}

async function flipByte(file: string): Promise<void> {
  const bytes = await readFile(file);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = bytes[middle]! ^ 1;
  await rm(file, { force: true });
  await writeFile(file, bytes);
}

async function artifacts({ artifacts: store }: Storage): Promise<void> {
  for (const text of AWKWARD_TEXTS.filter((candidate) => !/\p{Surrogate}/u.test(candidate))) {
    const ref = await store.put('note.txt', text);
    const hash = createHash('sha256').update(text, 'utf8').digest('hex');
    expectEqual(
      ref,
      { sha256: hash, bytes: Buffer.byteLength(text), name: 'note.txt' },
      'reference of a stored text',
    );
    expectEqual(await store.readText(ref), text, 'a stored text');
    expectEqual(await store.put('note.txt', text), ref, 'the reference when the same is stored again');
  }
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
  const ref = await store.put('bytes.bin', bytes);
  expectClose(await store.read(ref), bytes, 0, 'stored bytes');
}

async function tensorFiles({ artifacts: store }: Storage): Promise<void> {
  const ref = await store.putTensors('model.safetensors', tensors(), { metadata: { note: 'a "note"' } });
  sameTensors(await store.readTensors(ref), tensors(), 'float32 tensors');
  expectEqual(
    await store.putTensors('model.safetensors', tensors(), { metadata: { note: 'a "note"' } }),
    ref,
    'the same tensors again',
  );
  const half: TensorDict = { w: { shape: [4], dtype: 'float32', data: Float32Array.of(1, -0.5, 0, 1024) } };
  for (const dtype of ['F16', 'BF16'] as const) {
    sameTensors(
      await store.readTensors(await store.putTensors('half.safetensors', half, { dtype })),
      half,
      dtype,
    );
  }
}

async function damage({ artifacts: store }: Storage): Promise<void> {
  const plain = await store.put('bytes.bin', new Uint8Array(1000));
  expectThat((await stat(store.path(plain))).isFile(), 'path names no file');
  const ref = await store.put('text.txt', 'something to damage');
  await flipByte(store.path(ref));
  await expectFailure(() => store.read(ref), 'reading a damaged artifact', 'AF_ARTIFACT_CORRUPT');
  const weights = await store.putTensors('model.safetensors', tensors());
  await flipByte(store.path(weights));
  await expectFailure(() => store.readTensors(weights), 'reading damaged tensors', 'AF_ARTIFACT_CORRUPT');
  const unknown = { sha256: '0'.repeat(64), bytes: 1, name: 'nothing' };
  await expectFailure(() => store.read(unknown), 'reading an artifact that is gone', 'AF_ARTIFACT_MISSING');
}

const checkpoint = (step: number): Checkpoint => ({
  step,
  tensors: tensors(step),
  state: { losses: [1.5, 2], cursor: { row: step }, none: null, text: 'x' },
});

function sameCheckpoint(found: Checkpoint | null, step: number): void {
  expectEqual(found?.step, step, 'step of the newest checkpoint');
  sameTensors(found!.tensors, tensors(step), `checkpoint ${step}`);
  expectEqual(found?.state, checkpoint(step).state, `state of checkpoint ${step}`);
}

async function checkpoints(area: CheckpointArea): Promise<void> {
  expectEqual(await area.latest(), null, 'the newest of no checkpoints');
  for (const step of [1, 2, 10]) await area.save(checkpoint(step), { keep: 2 });
  sameCheckpoint(await area.latest(), 10);
  const child = area.child('trunk');
  expectEqual(await child.latest(), null, 'the newest of a child area');
  await child.save(checkpoint(3));
  sameCheckpoint(await child.latest(), 3);
  sameCheckpoint(await area.latest(), 10);
  await area.clear();
  expectEqual(await area.latest(), null, 'the newest after clearing');
}

/** Files below a folder, as paths. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function damagedCheckpoints(area: CheckpointArea, folder: string): Promise<void> {
  await area.save(checkpoint(1), { keep: 2 });
  const older = new Set(await filesBelow(folder));
  await area.save(checkpoint(2), { keep: 2 });
  for (const file of await filesBelow(folder)) if (!older.has(file)) await flipByte(file);
  sameCheckpoint(await area.latest(), 1);
  await area.clear();
  await area.save(checkpoint(3));
  for (const file of await filesBelow(folder)) if (!older.has(file)) await flipByte(file);
  await expectFailure(
    () => area.latest(),
    'reading when every checkpoint is damaged',
    'AF_CHECKPOINT_CORRUPT',
  );
}

async function sessions(storage: Storage): Promise<void> {
  const [first, second] = [await storage.newSessionId(), await storage.newSessionId()];
  expectThat(first !== second, `two sessions are called ${first}`);
  expectThat(/^session_\d{8}_\d{6}/.test(first), `a session is called ${first}`);
  const session = await storage.openSession(first, { create: true });
  expectEqual(await session.readFile('config.json'), null, 'a file that is not there');
  await session.writeFile('config.json', '{"a":"\u00e9"}');
  await session.writeFile('config.json', '{"a":2}');
  expectEqual(await session.readFile('config.json'), '{"a":2}', 'the file as written last');
  expectEqual(await storage.isLocked(first), true, 'whether an open session is locked');
  await expectFailure(
    () => storage.openSession(first, { create: false }),
    'opening an open session',
    'AF_SESSION_LOCKED',
  );
  await session.release();
  expectEqual(await storage.isLocked(first), false, 'whether a released session is locked');
  const again = await storage.openSession(first, { create: false });
  expectEqual(await again.readFile('config.json'), '{"a":2}', 'the file after reopening');
  await again.release();
  await expectFailure(
    () => storage.openSession('session_none', { create: false }),
    'opening no session',
    'AF_SESSION_NOT_FOUND',
  );
  expectThat((await storage.freeBytes()) > 0, 'freeBytes is not positive');
}

export interface StorageConformanceOptions {
  /** Whether artifacts and checkpoints are files, so that damage to one can be tried. Default true. */
  readonly files?: boolean;
}

/** What every storage must do: give back exactly what it was given, and say so when it cannot. */
export function storageConformance(
  subject: Subject<StorageProvider>,
  { files = true }: StorageConformanceOptions = {},
): ConformanceCase[] {
  const onStorage = (name: string, check: (storage: Storage) => Promise<void>): ConformanceCase => ({
    name,
    run: () => withTemporaryFolder(async (root) => check(await (await subject()).open(root))),
  });
  const onArea = (
    name: string,
    check: (area: CheckpointArea, folder: string) => Promise<void>,
  ): ConformanceCase =>
    onStorage(name, async (storage) => {
      const session = await storage.openSession(await storage.newSessionId(), { create: true });
      try {
        await check(session.checkpoints('cognate'), session.folder);
      } finally {
        await session.release();
      }
    });
  const damaged = [
    onStorage('notices a flipped byte and a missing file', damage),
    onArea('falls back to an older checkpoint when the newest is damaged', damagedCheckpoints),
  ];
  return [
    onStorage('keeps texts and bytes by their hash', artifacts),
    onStorage('keeps tensors of every type, non-finite numbers included', tensorFiles),
    onStorage('keeps sessions apart and locked', sessions),
    onArea('keeps the newest checkpoints', checkpoints),
    ...(files ? damaged : []),
  ];
}
