import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KnownHashes } from '../../../../tools/merge/execute/known-hashes.js';
import { sha256 } from '../../../../storage/hashing.js';

const folder = mkdtempSync(join(tmpdir(), 'agentforge-known-'));
afterAll(() => rmSync(folder, { recursive: true }));
const cache = join(folder, 'cache', 'sha256.json');
const LONG_AGO = new Date('2020-01-01');

let files = 0;
/** A file that was last changed long ago. */
function oldFile(content = 'weights'): string {
  const path = join(folder, `${files++}.safetensors`);
  writeFileSync(path, content);
  utimesSync(path, LONG_AGO, LONG_AGO);
  return path;
}

/** Ask as one merge does; tells whether the file had to be hashed. */
async function ask(
  file: string,
  path: string | null = cache,
): Promise<{ computed: boolean; bytes: number; sha256: string }> {
  const known = await KnownHashes.open(path);
  let computed = false;
  const found = await known.hash(file, () => {
    computed = true;
    return Promise.resolve(sha256(readFileSync(file)));
  });
  await known.save();
  return { ...found, computed };
}

test('a file is hashed once', async () => {
  const file = oldFile();
  const expected = { bytes: 7, sha256: sha256('weights') };
  expect(await ask(file)).toEqual({ ...expected, computed: true });
  expect(await ask(file)).toEqual({ ...expected, computed: false });
});

test.each<[string, (file: string) => void]>([
  ['longer', (file) => appendFileSync(file, '!')],
  ['rewritten with the same length', (file) => writeFileSync(file, 'weighty')],
  [
    'rewritten and its date put back',
    (file) => {
      writeFileSync(file, 'weighty');
      utimesSync(file, LONG_AGO, LONG_AGO);
    },
  ],
  ['replaced by another', (file) => renameSync(oldFile('another'), file)],
])('%s, it is hashed again', async (_, change) => {
  const file = oldFile();
  await ask(file);
  change(file);
  expect(await ask(file)).toMatchObject({ computed: true, sha256: sha256(readFileSync(file)) });
});

test('a file that has just been written is not trusted to stay as it is', async () => {
  const file = oldFile();
  utimesSync(file, new Date(), new Date());
  await ask(file);
  expect((await ask(file)).computed).toBe(true);
});

test('a file that changes while it is hashed is not remembered', async () => {
  const file = oldFile();
  const known = await KnownHashes.open(cache);
  await known.hash(file, () => {
    appendFileSync(file, 'more');
    return Promise.resolve(sha256('anything'));
  });
  await known.save();
  expect((await ask(file)).computed).toBe(true);
});

test('without a place to keep them, and where it cannot be written, every file is hashed', async () => {
  const file = oldFile();
  for (const path of [null, join(oldFile(), 'below-a-file.json')]) {
    expect((await ask(file, path)).computed).toBe(true);
    expect((await ask(file, path)).computed).toBe(true);
  }
});

test.each(['', '[]', '{"a": 1}', '{"a": {"sha256": "x"}}', 'nonsense'])(
  'a cache that reads %j is as good as none',
  async (text) => {
    const file = oldFile();
    const path = join(folder, 'damaged.json');
    writeFileSync(path, text);
    expect((await ask(file, path)).computed).toBe(true);
    expect((await ask(file, path)).computed).toBe(false);
  },
);

test('nothing learnt, nothing written', async () => {
  const path = join(folder, 'unwritten.json');
  await (await KnownHashes.open(path)).save();
  expect(existsSync(path)).toBe(false);
});
