import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { gsm8k, jsonLines, svamp, text } from '../../../plugins/datasets/index.js';
import { cutOf } from '../../../plugins/datasets/text.js';
import { storiesOf } from '../../../plugins/datasets/tinystories.js';
import { decodeUtf8 } from '../../../plugins/datasets/shared/decode.js';
import { atMost, documentsOf, type Cut } from '../../../plugins/datasets/shared/documents.js';
import type { DataFile } from '../../../plugins/datasets/shared/files.js';
import {
  linesOf,
  mapRecords,
  recordsByLine,
  recordsOf,
  recordsOfArray,
} from '../../../plugins/datasets/shared/json-records.js';
import { isForgeError } from '../../../core/errors/index.js';
import { DataFolder, dataset, load } from './support.js';

/** A file whose content comes in pieces of the given lengths, then in one. */
function inPieces(content: string, lengths: readonly number[], name = 'f'): DataFile {
  return {
    name,
    pieces: async function* () {
      let at = 0;
      for (const length of [...lengths, content.length]) {
        if (at >= content.length) return;
        yield content.slice(at, at + length);
        at += length;
      }
    },
  };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 });
const content = fc
  .array(
    fc.constantFrom(
      'a',
      'bc ',
      ' ',
      '\n',
      '\n\n',
      '\r\n',
      '\r',
      '\t\n',
      '<|endoftext|>',
      'word',
      '\u{1f600}',
    ),
    {
      maxLength: 60,
    },
  )
  .map((parts) => parts.join(''));

describe('documents of a text in pieces', () => {
  const cuts: Readonly<Record<string, Cut>> = {
    whole: cutOf('whole', 1),
    'blank lines': cutOf('blank-lines', 1),
    'size 7': cutOf('size', 7),
    'size 1': cutOf('size', 1),
    'at most 5': atMost(cutOf('whole', 1), 5, () => undefined),
  };
  test.each(Object.entries(cuts))('%s: the same documents whatever the pieces', async (_name, cut) => {
    await fc.assert(
      fc.asyncProperty(content, lengths, async (value, pieces) => {
        const cutting = (file: DataFile) => all(documentsOf(file.pieces(), cut));
        expect(await cutting(inPieces(value, pieces))).toEqual(await cutting(inPieces(value, [])));
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  test('stories are cut as from the whole text', async () => {
    await fc.assert(
      fc.asyncProperty(content, lengths, async (value, pieces) => {
        const unified = value.replace(/\r\n?/g, '\n');
        const parts = unified.includes('<|endoftext|>')
          ? unified.split('<|endoftext|>')
          : unified.split(/(?<!\n)\n(?!\n)/);
        const expected = parts.map((part) => part.trim()).filter((part) => part !== '');
        expect(await all(storiesOf(inPieces(value, pieces)))).toEqual(expected);
      }),
      { seed: 12, numRuns: 500 },
    );
  });

  test('what is longer than a document may be is cut, and that is told', async () => {
    let told = 0;
    const cut = atMost(cutOf('whole', 1), 20, () => told++);
    const words = Array.from({ length: 30 }, (_, i) => `word${i}`).join(' ');
    const documents = await all(documentsOf(inPieces(words, [13, 40, 7]).pieces(), cut));
    expect(documents.join(' ')).toBe(words);
    expect(Math.max(...documents.map((document) => document.length))).toBeLessThanOrEqual(20);
    expect(told).toBeGreaterThan(0);
  });
});

describe('UTF-8 in pieces', () => {
  const chunked = async function* (bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
    let at = 0;
    for (const size of [...sizes, bytes.length]) {
      if (at >= bytes.length) return;
      yield bytes.subarray(at, at + size);
      at += size;
    }
  };

  test('gives the text back, without a byte order mark in front, but with one inside', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme-composite', maxLength: 60 }),
        lengths,
        async (value, sizes) => {
          const bytes = Buffer.from(`\uFEFF${value}\uFEFF`);
          const pieces = await all(decodeUtf8(chunked(bytes, sizes), 'f'));
          expect(pieces.join('')).toBe(`${value}\uFEFF`);
        },
      ),
      { seed: 13 },
    );
  });

  test('names the first byte that is none, wherever the pieces end', async () => {
    const valid = fc.string({ unit: 'grapheme-composite', maxLength: 30 }).map((value) => Buffer.from(value));
    const broken = fc.constantFrom(
      [0xff],
      [0x80],
      [0xc3],
      [0xe2, 0x82],
      [0xf0, 0x9f, 0x98],
      [0xed, 0xa0, 0x80],
      [0xc0, 0xaf],
    );
    await fc.assert(
      fc.asyncProperty(valid, broken, valid, lengths, async (before, wrong, after, sizes) => {
        // What follows must not complete the broken character.
        const bytes = Buffer.concat([before, Buffer.from(wrong), Buffer.from('.'), after]);
        await expect(all(decodeUtf8(chunked(bytes, sizes), 'f'))).rejects.toMatchObject({
          code: 'AF_DATA_MALFORMED',
          at: 'f',
          facts: { offset: before.length },
        });
      }),
      { seed: 14, numRuns: 300 },
    );
    const cutOff = Buffer.from('abc\u20ac').subarray(0, 5);
    await expect(all(decodeUtf8(chunked(cutOff, []), 'f'))).rejects.toMatchObject({ facts: { offset: 3 } });
    await expect(all(decodeUtf8(chunked(Buffer.from('\uFEFFab', 'utf16le'), []), 'f'))).rejects.toMatchObject(
      {
        fix: expect.stringContaining('UTF-16'),
      },
    );
  });
});

describe('JSON records in pieces', () => {
  const value = fc.record({ text: fc.string({ unit: 'grapheme' }), nested: fc.jsonValue({ maxDepth: 2 }) });
  const spaced = (parts: readonly string[]): string => parts.join('');

  test('lines and arrays give the same records whatever the pieces', async () => {
    const space = fc.constantFrom('', ' ', '\n', '\r\n\t');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(space, value)), space, lengths, async (records, end, pieces) => {
        const expected = records.map(([, record]) => record.text);
        const elements = records.map(([before, record]) => spaced([before, JSON.stringify(record), before]));
        const array = spaced([end, '[', elements.join(','), end, ']', end]);
        const read = (file: DataFile) => mapRecords(recordsOf(file), (fields) => fields.string('text'));
        expect(await read(inPieces(array, pieces))).toEqual(expected);
        const jsonl = records.map(([before, record]) => `${before}${JSON.stringify(record)}`).join('\n');
        expect(await read(inPieces(jsonl, pieces))).toEqual(expected);
      }),
      { seed: 15, numRuns: 200 },
    );
  });

  test('says on which line each record begins', async () => {
    const file = inPieces('[\n {"a":\n 1},\n\n {"b": 2}, {"c":\n"}"}\n]', [3, 5, 2]);
    expect((await all(recordsOfArray(file))).map(({ at }) => at)).toEqual(['f:2', 'f:5', 'f:5']);
    expect((await all(linesOf(inPieces('a\n\nb\n', [2])))).map(({ line }) => line)).toEqual([1, 2, 3, 4]);
  });

  test.each([
    ['[{}', ':1', 'not closed'],
    ['[{}\n{}]', ':2', 'after a record'],
    ['[{},]', ':1', 'objects only'],
    ['[{}, 5]', ':1', 'objects only'],
    ['[{}]\nx', ':2', 'after the array'],
    ['[{"a": "b', ':1', 'not JSON'],
    ['{}', ':1', 'expected an array'],
  ])('an array that is none: %j', async (array, at, message) => {
    await expect(all(recordsOfArray(inPieces(array, [])))).rejects.toMatchObject({
      code: 'AF_DATA_MALFORMED',
      at: `f${at}`,
      message: expect.stringContaining(message),
    });
  });

  test('a record that is too long is told with its line before it is all in memory', async () => {
    const long = `{"text":"${'x'.repeat(200)}"}`;
    const endless: DataFile = {
      name: 'f',
      pieces: async function* () {
        yield '{"text":"short"}\n';
        for (;;) yield 'xxxxxxxxxx';
      },
    };
    const tooLong = {
      code: 'AF_DATA_MALFORMED',
      at: 'f:2',
      message: expect.stringContaining('longer than 100'),
    };
    await expect(all(recordsByLine(endless, 100))).rejects.toMatchObject(tooLong);
    await expect(all(recordsByLine(inPieces(`{}\n${long}\n`, []), 100))).rejects.toMatchObject(tooLong);
    await expect(all(recordsOfArray(inPieces(`[{},\n${long}`, [30, 30, 30, 30]), 100))).rejects.toMatchObject(
      tooLong,
    );
  });
});

describe('files', () => {
  let data: DataFolder;
  beforeAll(async () => {
    data = await DataFolder.make();
  });
  afterAll(() => data.remove());

  test('a pipe or a folder in place of a file is refused, not waited for', async () => {
    const pipe = join(data.root, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(load(text({ path: pipe }), data.context())).rejects.toMatchObject({
      code: 'AF_DATA_NOT_FOUND',
      message: expect.stringContaining('not a regular file'),
    });
  });

  test('mutated lines give records or an error that names file and line', async () => {
    const good = [
      '{"question": "How many?", "answer": "2 + 2 = 4\\n#### 4", "text": "t", "n": {"m": 1}}',
      '[]',
      '5',
      '',
    ];
    const edit = fc.record({
      at: fc.nat({ max: 90 }),
      remove: fc.nat({ max: 5 }),
      insert: fc.constantFrom(
        '',
        '"',
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '\\',
        '\n',
        '\u0000',
        'null',
        '1e999',
        '"__proto__":',
        '\ud800',
      ),
    });
    const line = fc
      .tuple(fc.constantFrom(...good), fc.array(edit, { maxLength: 2 }))
      .map(([start, edits]) =>
        edits.reduce((s, { at, remove, insert }) => s.slice(0, at) + insert + s.slice(at + remove), start),
      );
    const path = join(data.root, 'fuzz.jsonl');
    const plugins = [
      gsm8k({ path }),
      svamp({ path }),
      jsonLines({ path }),
      jsonLines({ path, input: 'question', output: '{n.m}' }),
      jsonLines({ path, input: '{question}', output: '{answer}' }),
    ];
    const sets = await Promise.all(plugins.map(dataset));
    let refused = 0;
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 4 }), async (lines) => {
        await data.write('fuzz.jsonl', lines.join('\n'));
        for (const set of sets) {
          const outcome = await set.load(data.context()).catch((error: unknown) => error);
          if (Array.isArray(outcome)) {
            accepted++;
            continue;
          }
          refused++;
          if (!isForgeError(outcome)) throw outcome;
          expect(['AF_DATA_MALFORMED', 'AF_DATA_EMPTY']).toContain(outcome.code);
          if (outcome.code === 'AF_DATA_MALFORMED') expect(outcome.at).toMatch(/fuzz\.jsonl:\d+$/);
        }
      }),
      { seed: 16, numRuns: 200 },
    );
    expect(refused).toBeGreaterThan(100);
    expect(accepted).toBeGreaterThan(10);
  });

  test('a value nested too deep to be shown is refused like any other', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const path = await data.write('deep.jsonl', `{"text": ${deep}}\n`);
    await expect(load(jsonLines({ path }), data.context())).rejects.toMatchObject({
      code: 'AF_DATA_MALFORMED',
      at: `${path}:1`,
    });
  });
});
