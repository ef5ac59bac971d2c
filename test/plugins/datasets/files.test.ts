import { text, jsonLines, gsm8k, tinystories } from '../../../plugins/datasets/index.js';
import { DataFolder, lines, load } from './support.js';

let data: DataFolder;
beforeEach(async () => {
  data = await DataFolder.make();
});
afterEach(() => data.remove());

describe('where files are looked for', () => {
  it('says how to set the data folder when there is none', async () => {
    await expect(load(gsm8k(), data.context({ root: null }))).rejects.toMatchObject({
      code: 'AF_DATA_NOT_FOUND',
      message: expect.stringContaining('no data folder is set'),
      fix: expect.stringMatching(/data\.root.*AGENTFORGE_DATA.*gsm8k\/train\.jsonl/),
    });
  });

  it('names the file that is missing below the root, or at the path', async () => {
    const below = await load(gsm8k(), data.context()).catch((error: unknown) => error);
    expect(below).toMatchObject({ code: 'AF_DATA_NOT_FOUND', at: `${data.root}/gsm8k/train.jsonl` });
    const at = await load(gsm8k({ path: `${data.root}/nothing.jsonl` }), data.context()).catch(
      (error: unknown) => error,
    );
    expect(at).toMatchObject({ code: 'AF_DATA_NOT_FOUND', at: `${data.root}/nothing.jsonl` });
  });

  it('takes a folder as path', async () => {
    const file = await data.write('mine/train.jsonl', lines({ question: 'q', answer: '#### 1' }));
    const records = await load(
      gsm8k({ path: file.replace('/train.jsonl', '') }),
      data.context({ root: null }),
    );
    expect(records).toHaveLength(1);
  });
});

describe('what is wrong in a file', () => {
  it.each([
    ['broken JSON', '{"question": "q", "answer"\n', ':1', 'not JSON'],
    [
      'a truncated last line',
      `${lines({ question: 'q', answer: '#### 1' })}\n{"question": "q", "ans`,
      ':3',
      'not JSON',
    ],
    ['no object', '[1, 2]\n', ':1', 'the record is [1,2], expected an object'],
    ['a missing field', '{"question": "q"}\n', ':1', 'field "answer" is missing'],
    [
      'a wrong type',
      '{"question": 7, "answer": "#### 1"}\n',
      ':1',
      'field "question" is 7, expected a string',
    ],
  ])('%s', async (_name, content, line, message) => {
    const file = await data.write('gsm8k/train.jsonl', content);
    await expect(load(gsm8k(), data.context())).rejects.toMatchObject({
      code: 'AF_DATA_MALFORMED',
      at: file + line,
      message: expect.stringContaining(message),
    });
  });

  it('bytes that are no text', async () => {
    const file = await data.write('tinystories/train_head.txt', Uint8Array.of(0x1f, 0x8b, 0xff));
    await expect(load(tinystories(), data.context())).rejects.toMatchObject({
      code: 'AF_DATA_MALFORMED',
      at: file,
    });
  });

  it('nothing at all', async () => {
    await data.write('gsm8k/train.jsonl', '\n \n');
    await expect(load(gsm8k(), data.context())).rejects.toMatchObject({ code: 'AF_DATA_EMPTY' });
    await data.write('tinystories/train_head.txt', '');
    await expect(load(tinystories(), data.context())).rejects.toMatchObject({ code: 'AF_DATA_EMPTY' });
  });
});

describe('limit', () => {
  it('keeps that many records, chosen by the seed, in file order', async () => {
    await data.write(
      'tinystories/train_head.txt',
      Array.from({ length: 50 }, (_, i) => `story ${i}`).join('\n'),
    );
    const pick = async (seed: number): Promise<number[]> =>
      (await load(tinystories({ limit: 10 }), data.context({ seed }))).map((record) =>
        Number(record.text.slice(6)),
      );
    const chosen = await pick(1);
    expect(chosen).toHaveLength(10);
    expect(chosen).toEqual([...chosen].sort((a, b) => a - b));
    expect(await pick(1)).toEqual(chosen);
    expect(await pick(2)).not.toEqual(chosen);
    expect(await load(tinystories({ limit: 99 }), data.context())).toHaveLength(50);
  });
});

describe('text', () => {
  const content = `${'one two three '.repeat(5)}\n\n${'four five '.repeat(8)}\r\n \r\n\r\nsix`;

  it('cuts at blank lines', async () => {
    const path = await data.write('a.txt', content);
    const records = await load(text({ path, documents: 'blank-lines' }), data.context());
    expect(records.map((record) => record.text)).toEqual([
      'one two three '.repeat(5).trim(),
      'four five '.repeat(8).trim(),
      'six',
    ]);
  });

  it('cuts by size at the widest border, and never inside a character', async () => {
    const path = await data.write('a.txt', content);
    const records = await load(text({ path, size: 80 }), data.context());
    expect(records[0]!.text).toBe('one two three '.repeat(5).trim());
    expect(
      records
        .map((record) => record.text)
        .join(' ')
        .replace(/\s+/g, ' '),
    ).toBe(content.replace(/\s+/g, ' '));
    for (const record of records) expect(record.text.length).toBeLessThanOrEqual(80);
    const emoji = await data.write('b.txt', '\ud83d\ude00'.repeat(20));
    for (const { text: part } of await load(text({ path: emoji, size: 7 }), data.context()))
      expect(part).not.toMatch(/\p{Surrogate}/u);
  });

  it('reads a folder, a whole file, or <root>/<name>/input.txt', async () => {
    await data.write('many/b.md', 'second');
    await data.write('many/a.txt', 'first');
    await data.write('many/c.bin', 'not text');
    const records = await load(text({ path: `${data.root}/many`, documents: 'whole' }), data.context());
    expect(records.map((record) => record.text)).toEqual(['first', 'second']);
    await data.write('poems/input.txt', 'a poem');
    expect(await load(text({ name: 'poems' }), data.context())).toEqual([{ text: 'a poem' }]);
    await data.write('none/readme.rst', 'x');
    await expect(load(text({ path: `${data.root}/none` }), data.context())).rejects.toMatchObject({
      code: 'AF_DATA_EMPTY',
    });
  });
});

describe('json-lines', () => {
  it('reads a field, or templates of several', async () => {
    const path = await data.write('a.jsonl', lines({ text: 'plain', q: 'why', meta: { a: 7 } }));
    expect(await load(jsonLines({ path }), data.context())).toEqual([{ text: 'plain' }]);
    expect(await load(jsonLines({ path, text: 'meta.a' }), data.context())).toEqual([{ text: '7' }]);
    expect(await load(jsonLines({ path, input: 'Q: {q}\nA:', output: ' {meta.a}' }), data.context())).toEqual(
      [{ text: 'Q: why\nA: 7', input: 'Q: why\nA:', output: ' 7' }],
    );
  });

  it('reads a JSON array', async () => {
    const path = await data.write('a.json', '[\n{"text": "one"},\n{"text": ["two"]}\n]');
    await expect(load(jsonLines({ path }), data.context())).rejects.toMatchObject({
      code: 'AF_DATA_MALFORMED',
      at: `${path}:3`,
    });
  });

  it('names fields that are not there, and empty texts', async () => {
    const path = await data.write('a.jsonl', lines({ text: 'x' }, { other: 1 }));
    await expect(load(jsonLines({ path }), data.context())).rejects.toMatchObject({ at: `${path}:2` });
    await expect(load(jsonLines({ path, text: '{meta.a}' }), data.context())).rejects.toThrow(
      'field "meta" is missing',
    );
    const empty = await data.write('b.jsonl', lines({ text: ' ' }));
    await expect(load(jsonLines({ path: empty }), data.context())).rejects.toThrow('gives an empty text');
  });

  it('wants input and output together, and takes a name of its own', async () => {
    await expect(load(jsonLines({ path: 'x', input: 'a' }), data.context())).rejects.toMatchObject({
      code: 'AF_CONFIG_INVALID',
    });
    expect(jsonLines({ path: 'x' }).name).toBe('json-lines');
    expect(jsonLines({ path: 'x', name: 'faq' }).name).toBe('faq');
    expect(jsonLines({ path: 'x' }).withOptions({ name: 'other' }).name).toBe('other');
    expect(text({ name: 'poems' }).name).toBe('poems');
  });
});
