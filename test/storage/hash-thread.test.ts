import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HashThread } from '../../storage/hash-thread.js';
import { sha256 } from '../../storage/hashing.js';

const folder = mkdtempSync(join(tmpdir(), 'agentforge-hash-'));
const thread = HashThread.start();
afterAll(async () => {
  await thread.stop();
  rmSync(folder, { recursive: true });
});

test('hashes files of any length, several asked for at once', async () => {
  const contents = [0, 1, 1 << 20, (1 << 20) + 1].map((length) => Buffer.alloc(length, length % 251));
  const paths = contents.map((content, i) => {
    writeFileSync(join(folder, `${i}`), content);
    return join(folder, `${i}`);
  });
  expect(await Promise.all(paths.map((path) => thread.sha256(path)))).toEqual(
    contents.map((each) => sha256(each)),
  );
});

test('a file that is not there fails alone', async () => {
  await expect(thread.sha256(join(folder, 'nowhere'))).rejects.toMatchObject({
    code: 'AF_STORAGE_IO',
    at: join(folder, 'nowhere'),
  });
  expect(await thread.sha256(join(folder, '0'))).toBe(sha256(''));
});

test('stopped, it answers what it was asked with an error', async () => {
  const other = HashThread.start();
  const answer = other.sha256(join(folder, '2'));
  await other.stop();
  await expect(answer).rejects.toMatchObject({ code: 'AF_STORAGE_IO' });
});
