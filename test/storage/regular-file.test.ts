import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  FileArtifactStore,
  HashThread,
  hashFile,
  openModelTensors,
  openRegularFile,
  readText,
  readWhole,
} from '../../storage/index.js';
import { FileCheckpointArea } from '../../storage/index.js';
import { KnownHashes } from '../../tools/merge/execute/known-hashes.js';
import { withTemporaryFolder } from '../../testing/temporary-folder.js';
import { checkpointOf } from './support/checkpoint-of.js';

/** A named pipe that nobody writes to: who opens it plainly never returns. */
function pipe(path: string): string {
  execFileSync('mkfifo', [path]);
  return path;
}

test('reads what is a regular file, an empty one too', () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, 'text');
    writeFileSync(path, '\u{feff}a\u00e9\u{1f600}');
    expect(await readText(path)).toBe('\u{feff}a\u00e9\u{1f600}');
    expect([...(await readWhole(path)).slice(0, 4)]).toEqual([0xef, 0xbb, 0xbf, 97]);
    writeFileSync(path, '');
    expect(await readText(path)).toBe('');
    await expect(readText(join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  }));

test('a pipe, a folder, a socket and a device are refused by their names', () =>
  withTemporaryFolder(async (folder) => {
    const refused = (found: string): object => ({
      code: 'AF_STORAGE_NOT_A_FILE',
      message: `It is not a regular file, it is ${found}.`,
    });
    await expect(openRegularFile(pipe(join(folder, 'pipe')))).rejects.toMatchObject(refused('a named pipe'));
    await expect(readWhole(folder)).rejects.toMatchObject(refused('a folder'));
    await expect(readText('/dev/zero')).rejects.toMatchObject(refused('a device'));
    const socket = join(folder, 'socket');
    const server = createServer();
    await new Promise<void>((listening) => server.listen(socket, listening));
    await expect(hashFile(socket)).rejects.toMatchObject(refused('a socket'));
    await new Promise((closed) => server.close(closed));
  }));

test('weights, index and config of a model may not be pipes', () =>
  withTemporaryFolder(async (folder) => {
    pipe(join(folder, 'model.safetensors'));
    await expect(openModelTensors(folder)).rejects.toMatchObject({ code: 'AF_STORAGE_NOT_A_FILE' });
    pipe(join(folder, 'model.safetensors.index.json'));
    await expect(openModelTensors(folder)).rejects.toMatchObject({
      code: 'AF_STORAGE_NOT_A_FILE',
      at: join(folder, 'model.safetensors.index.json'),
    });
  }));

test('an artifact may not be a pipe', () =>
  withTemporaryFolder(async (folder) => {
    const store = await FileArtifactStore.open(folder);
    const hash = 'ab'.repeat(32);
    mkdirSync(join(folder, 'sha256', 'ab'), { recursive: true });
    pipe(join(folder, 'sha256', 'ab', hash));
    const ref = { sha256: hash, bytes: 1, name: 'weights' };
    for (const use of [store.read(ref), store.verify(ref), store.readTensors(ref)])
      await expect(use).rejects.toMatchObject({ code: 'AF_STORAGE_NOT_A_FILE' });
    await expect(store.putFile('x', join(folder, 'sha256', 'ab', hash))).rejects.toMatchObject({
      code: 'AF_STORAGE_NOT_A_FILE',
    });
  }));

test('a checkpoint with a pipe in it is damaged, and the one before it is used', () =>
  withTemporaryFolder(async (folder) => {
    const warnings: string[] = [];
    const area = new FileCheckpointArea(folder, { onWarning: (message) => warnings.push(message) });
    await area.save(checkpointOf(1));
    mkdirSync(join(folder, 'step-000000002'));
    pipe(join(folder, 'step-000000002', 'manifest.json'));
    expect((await area.latest())?.step).toBe(1);
    expect(warnings).toHaveLength(1);
  }));

test('hashes that are remembered in a pipe are forgotten', () =>
  withTemporaryFolder(async (folder) => {
    const known = await KnownHashes.open(pipe(join(folder, 'sha256.json')));
    const file = join(folder, 'file');
    writeFileSync(file, 'x');
    expect(await known.hash(file, () => Promise.resolve('computed'))).toEqual({
      bytes: 1,
      sha256: 'computed',
    });
  }));

test('the hashing thread is not held up by a pipe', () =>
  withTemporaryFolder(async (folder) => {
    const thread = HashThread.start();
    const path = pipe(join(folder, 'pipe'));
    await expect(thread.sha256(path)).rejects.toMatchObject({ code: 'AF_STORAGE_IO', at: path });
    await thread.stop();
  }));
