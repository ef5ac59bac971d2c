import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { FileArtifactStore, sha256 } from '../../storage/index.js';
import { openSafetensors } from '../../storage/safetensors/index.js';
import { crashingDisk, fullDisk } from '../../testing/faulty-disk.js';
import { scratchFolders, thrownBy } from './support/scratch.js';

const scratch = scratchFolders();
/** sha256("hello"), as any other implementation gives it. */
const HELLO = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

const tensors: TensorDict = {
  'z.last': { shape: [2, 2], dtype: 'float32', data: Float32Array.of(1, -0, Infinity, 0.1) },
  mask: { shape: [3], dtype: 'bool', data: Uint8Array.of(1, 0, 1) },
  'a.first': { shape: [], dtype: 'int32', data: Int32Array.of(-7) },
  empty: { shape: [0, 4], dtype: 'float32', data: new Float32Array(0) },
};

it('stores content under its sha256, once', async () => {
  const folder = await scratch();
  const store = await FileArtifactStore.open(folder);
  const ref = await store.put('greeting.txt', 'hello');
  expect(ref).toEqual({ sha256: HELLO, bytes: 5, name: 'greeting.txt' });
  expect(store.path(ref)).toBe(join(folder, 'sha256', '2c', HELLO));
  expect(await store.put('other.bin', Buffer.from('hello'))).toEqual({ ...ref, name: 'other.bin' });
  expect(await store.readText(ref)).toBe('hello');
  expect(await store.read(await store.put('empty', ''))).toHaveLength(0);
  expect(await readdir(join(folder, 'sha256'))).toHaveLength(2);
  expect(await readdir(join(folder, 'pending'))).toEqual([]);
});

it('keeps tensors exactly, in the order given, with the metadata', async () => {
  const store = await FileArtifactStore.open(await scratch());
  const ref = await store.putTensors('model.safetensors', tensors, { metadata: { seed: '7' } });
  const read = await store.readTensors(ref);
  expect(read).toEqual(tensors);
  expect(Object.keys(read)).toEqual(Object.keys(tensors));
  expect(Object.is(read['z.last']!.data[1], -0)).toBe(true);
  const reader = await openSafetensors(store.path(ref));
  expect(reader.metadata).toMatchObject({ format: 'pt', seed: '7' });
  await reader.close();
  expect(await store.putTensors('again', tensors, { metadata: { seed: '7' } })).toEqual({
    ...ref,
    name: 'again',
  });
  expect(sha256(await readFile(store.path(ref)))).toBe(ref.sha256);
});

it('narrows float tensors when asked and widens them again', async () => {
  const store = await FileArtifactStore.open(await scratch());
  for (const dtype of ['F16', 'BF16'] as const) {
    const read = await store.readTensors(await store.putTensors('m', tensors, { dtype }));
    expect(read['mask']).toEqual(tensors['mask']);
    expect(read['a.first']).toEqual(tensors['a.first']);
    const tenth = dtype === 'F16' ? 0.0999755859375 : 0.10009765625;
    expect([...read['z.last']!.data]).toEqual([1, -0, Infinity, tenth]);
  }
});

it('streams a file in', async () => {
  const folder = await scratch();
  const store = await FileArtifactStore.open(join(folder, 'artifacts'));
  const source = join(folder, 'source.bin');
  await writeFile(source, Buffer.alloc(9_000_000, 'abc'));
  const ref = await store.putFile('copy.bin', source);
  expect(ref).toEqual({ sha256: sha256(await readFile(source)), bytes: 9_000_000, name: 'copy.bin' });
  await store.verify(ref);
});

it('notices one flipped bit on every way of reading, and heals when the content is stored again', async () => {
  const store = await FileArtifactStore.open(await scratch());
  const ref = await store.putTensors('m', tensors);
  const path = store.path(ref);
  const bytes = await readFile(path);
  for (const index of [0, 20, bytes.byteLength - 1]) {
    const damaged = Buffer.from(bytes);
    damaged[index]! ^= 1;
    await writeFile(path, damaged);
    for (const read of [
      () => store.read(ref),
      () => store.readText(ref),
      () => store.readTensors(ref),
      () => store.verify(ref),
    ]) {
      expect(await thrownBy(read)).toMatchObject({ code: 'AF_ARTIFACT_CORRUPT', at: path });
    }
  }
  await writeFile(path, bytes.subarray(1));
  expect(await thrownBy(() => store.readTensors(ref))).toMatchObject({ code: 'AF_ARTIFACT_CORRUPT' });
  await store.putTensors('m', tensors);
  expect(await store.readTensors(ref)).toEqual(tensors);
});

it('says so when content is gone, and takes nothing but a hash for an address', async () => {
  const store = await FileArtifactStore.open(await scratch());
  const ref = await store.put('x', 'x');
  await rm(store.path(ref));
  for (const read of [() => store.path(ref), () => store.read(ref), () => store.readTensors(ref)]) {
    expect(await thrownBy(read)).toMatchObject({ code: 'AF_ARTIFACT_MISSING', at: ref.sha256 });
  }
  const hostile = { sha256: '../../../../etc/passwd', bytes: 1, name: 'x' };
  expect(await thrownBy(() => store.read(hostile))).toMatchObject({ code: 'AF_ARTIFACT_MISSING' });
  expect(await thrownBy(() => store.path({ ...hostile, sha256: HELLO.toUpperCase() }))).toMatchObject({
    code: 'AF_ARTIFACT_MISSING',
  });
});

it('leaves nothing behind when the disk is full', async () => {
  const folder = await scratch();
  const store = await FileArtifactStore.open(folder, fullDisk(300));
  expect(
    await thrownBy(() => store.putTensors('m', tensors, { metadata: { note: 'x'.repeat(500) } })),
  ).toMatchObject({ code: 'AF_STORAGE_FULL' });
  expect(await thrownBy(() => store.put('x', Buffer.alloc(400)))).toMatchObject({ code: 'AF_STORAGE_FULL' });
  expect(await readdir(join(folder, 'pending'))).toEqual([]);
  expect(await readdir(folder)).toEqual(['pending']);
});

it('shows content complete or not at all when killed at any moment', async () => {
  for (let count = 1; ; count++) {
    const folder = await scratch();
    const { files, wasReached } = crashingDisk(count);
    await FileArtifactStore.open(folder, files)
      .then((store) => store.putTensors('m', tensors))
      .catch(() => undefined);
    const store = await FileArtifactStore.open(folder);
    const ref = await (await FileArtifactStore.open(await scratch())).putTensors('m', tensors);
    const found = await stat(join(folder, 'sha256', ref.sha256.slice(0, 2), ref.sha256)).catch(() => null);
    if (found) await store.verify(ref);
    if (!wasReached()) {
      expect(found).not.toBeNull();
      break;
    }
  }
});

it('takes the same content from many writers at once', async () => {
  const folder = await scratch();
  const stores = await Promise.all([1, 2, 3, 4].map(() => FileArtifactStore.open(folder)));
  const refs = await Promise.all(
    stores.flatMap((store) => [store.putTensors('m', tensors), store.putTensors('m', tensors)]),
  );
  expect(new Set(refs.map((ref) => ref.sha256)).size).toBe(1);
  await stores[0]!.verify(refs[0]!);
  expect(await readdir(join(folder, 'pending'))).toEqual([]);
});
