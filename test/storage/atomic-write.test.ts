import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../storage/index.js';
import { removeAbandoned, temporaryName } from '../../storage/temporary.js';
import { crashingDisk, failingDisk, faultyDisk, fullDisk } from '../../testing/faulty-disk.js';
import { scratchFolders, thrownBy } from './support/scratch.js';

const scratch = scratchFolders();

async function withOldContent(): Promise<{ folder: string; path: string }> {
  const folder = await scratch();
  const path = join(folder, 'file.txt');
  await writeFileAtomic(path, 'old');
  return { folder, path };
}

it('makes folders, replaces content and leaves nothing else', async () => {
  const path = join(await scratch(), 'a', 'b', 'file.txt');
  await writeFileAtomic(path, 'one');
  await writeFileAtomic(path, Uint8Array.of(0x74, 0x77, 0x6f));
  expect(await readFile(path, 'utf8')).toBe('two');
  expect(await readdir(join(path, '..'))).toEqual(['file.txt']);
});

it.each([
  ['ENOSPC', 'AF_STORAGE_FULL'],
  ['EDQUOT', 'AF_STORAGE_FULL'],
  ['EACCES', 'AF_STORAGE_DENIED'],
  ['EROFS', 'AF_STORAGE_DENIED'],
  ['EIO', 'AF_STORAGE_IO'],
])(
  '%s at any operation becomes %s, with the old content kept and nothing left over',
  async (systemCode, code) => {
    for (const failing of ['open', 'write', 'sync', 'rename']) {
      const { folder, path } = await withOldContent();
      const files = failingDisk(({ operation }) => operation === failing, systemCode);
      const error = await thrownBy(() => writeFileAtomic(path, 'new', files));
      expect(error).toMatchObject({ code, at: path, exitCode: 1, facts: { systemCode } });
      expect(await readFile(path, 'utf8')).toBe('old');
      expect(await readdir(folder)).toEqual(['file.txt']);
    }
  },
);

it('does not take a short write for success', async () => {
  const { folder, path } = await withOldContent();
  expect(await thrownBy(() => writeFileAtomic(path, 'new content', fullDisk(4)))).toMatchObject({
    code: 'AF_STORAGE_FULL',
  });
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['file.txt']);
  await writeFileAtomic(path, 'new content', faultyDisk({ take: (_, length) => Math.min(length, 2) }));
  expect(await readFile(path, 'utf8')).toBe('new content');
});

it('leaves the old or the new content when killed at any moment', async () => {
  const seen = new Set<string>();
  for (let count = 1; ; count++) {
    const { path } = await withOldContent();
    const { files, wasReached } = crashingDisk(count);
    await writeFileAtomic(path, 'new', files).catch(() => undefined);
    seen.add(await readFile(path, 'utf8'));
    if (!wasReached()) break;
  }
  expect(seen).toEqual(new Set(['old', 'new']));
});

it('clears away what dead processes left, and only that', async () => {
  const folder = await scratch();
  const mine = temporaryName();
  const [, space] = /^\.tmp-([0-9a-f]{8})/.exec(mine)!;
  const dead = `.tmp-${space}-4194305-1-0123456789ab`;
  const reusedPid = `.tmp-${space}-${process.pid}-1-0123456789ab`;
  const elsewhere = '.tmp-00000000-4194305-1-0123456789ab';
  for (const name of [mine, reusedPid, elsewhere, 'kept.txt', '.tmp-notes'])
    await writeFile(join(folder, name), 'x');
  await mkdir(join(folder, dead, 'inside'), { recursive: true });
  await removeAbandoned(folder);
  const expected = [mine, elsewhere, 'kept.txt', '.tmp-notes'];
  // Without start times a reused pid cannot be told apart, and a live pid is never taken for dead.
  if (process.platform !== 'linux') expected.push(reusedPid);
  expect((await readdir(folder)).sort()).toEqual(expected.sort());
});
