import {
  clip,
  clipMiddle,
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatValue,
  indent,
  plural,
  printable,
  shortHash,
  visibleWidth,
  wrap,
} from '../../../../../plugins/sinks/console/terminal/index.js';

describe('numbers as people read them', () => {
  test.each([
    [25900801, '25,900,801'],
    [0, '0'],
    [-1234, '-1,234'],
    [Number.NaN, 'NaN'],
  ])('count %p is %s', (value, text) => expect(formatCount(value)).toBe(text));

  test.each([
    [2.31415, '2.314'],
    [0.00012, '0.00012'],
    [3210.4, '3,210'],
    [1.234e-9, '1.23e-9'],
    [0, '0'],
    [-0.5, '-0.5'],
    [1e20, '1.00e+20'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NaN, 'NaN'],
  ])('number %p is %s', (value, text) => expect(formatNumber(value)).toBe(text));

  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [650117120, '620 MiB'],
    [6 * 2 ** 30, '6.0 GiB'],
    [Number.NaN, 'NaN'],
  ])('bytes %p is %s', (value, text) => expect(formatBytes(value)).toBe(text));

  test.each([
    [0, '0.0 s'],
    [45.21, '45.2 s'],
    [59.96, '1m 00s'],
    [192, '3m 12s'],
    [3599.4, '59m 59s'],
    [3840, '1h 04m'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
  ])('%p seconds is %s', (value, text) => expect(formatDuration(value)).toBe(text));

  test('values of any kind', () => {
    expect(formatValue(null)).toBe('-');
    expect(formatValue(true)).toBe('yes');
    expect(formatValue({ a: 1 })).toBe('{"a":1}');
    expect(shortHash('0123456789abcdef')).toBe('0123456789ab');
  });
});

describe('text', () => {
  test('width does not count colours', () => expect(visibleWidth('\u001b[31mred\u001b[39m')).toBe(3));
  test('control characters of foreign text are shown, not obeyed', () =>
    expect(printable('a\u001b[2Kb\n\tc\u0007')).toBe('a\\x1b[2Kb\n\tc\\x07'));
  test('clip', () => {
    expect(clip('abcdef', 6)).toBe('abcdef');
    expect(clip('abcdef', 5)).toBe('ab...');
    expect(clip('abcdef', 2)).toBe('ab');
  });
  test('wide characters and emoji take two columns', () =>
    expect(['モデル', '🦊', '👨‍👩‍👧', 'é', 'a'].map(visibleWidth)).toEqual([6, 2, 2, 1, 1]));
  test('clip never takes half of a character', () => {
    expect(clip('モデルの名前', 8)).toBe('モデ...');
    expect(clip('👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧', 5)).toBe('👨‍👩‍👧...');
    expect(clipMiddle('/home/someone/models/a.bin', 15)).toBe('/home/.../a.bin');
    expect(clipMiddle('short', 5)).toBe('short');
  });
  test('wrap breaks between words, and a long word anywhere; no letter is lost', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('ab abcdefghij k', 4)).toEqual(['ab', 'abcd', 'efgh', 'ij k']);
    expect(wrap('モデルの名前', 4)).toEqual(['モデ', 'ルの', '名前']);
    expect(wrap('a\n\n  b', 80)).toEqual(['a', '', '  b']);
  });
  test('indent and plural', () => {
    expect(indent('a\n\nb', '> ')).toBe('> a\n\n> b');
    expect([plural(1, 'problem'), plural(2, 'problem')]).toEqual(['1 problem', '2 problems']);
  });
});
