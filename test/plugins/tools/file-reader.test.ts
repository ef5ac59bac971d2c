import fc from 'fast-check';
import { stream } from '../../../nn/random/index.js';
import { fileReader } from '../../../plugins/tools/index.js';
import { HOST_NAMES, toolOf, type Run } from './support.js';

describe('files of the options', () => {
  let run: Run;
  beforeAll(
    async () =>
      ({ run } = await toolOf(
        fileReader({ files: { 'a.txt': 'one', 'b/./c.txt': 'two\nlines', 'd//caf\u0065\u0301': 'three' } }),
      )),
  );

  test.each([
    ['a.txt', 'one'],
    [' a.txt ', 'one'],
    ['./a.txt', 'one'],
    ['b/c.txt', 'two\nlines'],
    ['b//./c.txt/', 'two\nlines'],
    // Composed and decomposed forms of one name.
    ['d/caf\u00e9', 'three'],
    ['A.txt', '!not-found'],
    ['b', '!not-found'],
    ['nothing', '!not-found'],
    ['a.txt/b', '!not-found'],
    ['...', '!not-found'],
    ['%2e%2e/secret', '!not-found'],
    ['', '!syntax'],
    ['.', '!syntax'],
    ['././', '!syntax'],
  ])('%s: %s', (path, text) => expect(run(path)).toBe(text));

  test.each([
    ...['..', '../a.txt', 'b/../a.txt', 'b/..', './../x', 'a.txt/../../etc/passwd'],
    ...[
      '/a.txt',
      '/etc/passwd',
      '//server/share',
      '~/secret',
      '~root/x',
      'C:\\x',
      'C:/x',
      'file:///etc/passwd',
    ],
    ...['..\\a.txt', 'b\\c.txt', 'a.txt\u0000.png', 'a\n.txt', 'a\u200b.txt', '\u202etxt.a', 'a.txt:stream'],
  ])('%j is forbidden', (path) => expect(run(path)).toBe('!forbidden'));

  test('long paths are not looked at, long texts cut', () => {
    expect(run('a/'.repeat(101))).toBe('!limit');
    expect(run('x'.repeat(100_000))).toBe('!limit');
    expect(run('a.txt', { characters: 2 })).toBe('on');
  });

  test.each(HOST_NAMES)('%s is no file', (name) => {
    expect(run(name)).toBe('!not-found');
    expect(run(`b/${name}`)).toBe('!not-found');
  });

  test('no path gives what is not in the options', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (path) => {
        expect(['one', 'two\nlines', 'three', '!not-found', '!forbidden', '!syntax', '!limit']).toContain(
          run(path),
        );
      }),
    );
  });
});

describe('options', () => {
  test('a file may be called __proto__', async () => {
    const { run } = await toolOf(fileReader({ files: JSON.parse('{"__proto__": "mine", "b": "x"}') as {} }));
    expect([run('__proto__'), run('constructor')]).toEqual(['mine', '!not-found']);
  });

  test('paths that could never be read are refused, all at once', async () => {
    await expect(
      toolOf(fileReader({ files: { '/abs': '', '../up': '', a: '', './a': '', ok: '' } })),
    ).rejects.toMatchObject({
      code: 'AF_CONFIG_INVALID',
      problems: [{ at: 'files./abs' }, { at: 'files.../up' }, { at: 'files../a' }],
    });
  });

  test('a single file cannot be asked for on two sides', async () => {
    expect((await toolOf(fileReader({ files: { a: 'x' } }))).tool.ask).toBeUndefined();
    const { tool } = await toolOf(fileReader({ files: { a: 'x', b: 'y' } }));
    const asked = (['train', 'held-out'] as const).map((side) => tool.ask!(stream(1), 50, side).args);
    expect([...asked].sort()).toEqual(['a', 'b']);
  });
});

describe('generated files', () => {
  test('are too many to know by heart, and the same every time', async () => {
    const [one, other] = [await toolOf(fileReader()), await toolOf(fileReader())];
    const random = stream(3);
    const texts = new Map<string, string>();
    for (let i = 0; i < 400; i++) {
      const { args } = one.tool.ask!(random, 1 + (i % 100), 'train');
      texts.set(args, one.run(args));
      expect(other.run(args)).toBe(one.run(args));
    }
    expect(texts.size).toBeGreaterThan(250);
    expect(new Set(texts.values()).size).toBeGreaterThan(0.9 * texts.size);
    expect(one.run('notes/lamp.txt')).toMatch(/^\d+ [a-z]+ [a-z]+$/);
    expect(one.run('notes/2021/cold-lamp.txt')).toMatch(/^\d+ [a-z]+ [a-z]+$/);
    expect(one.run('other/lamp.txt')).toBe('!not-found');
  });
});
