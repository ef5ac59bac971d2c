import { configWords, overridesOf, parseInteger, parseNumber, shellLine } from '../../cli/config-flags.js';

describe('flags that set the configuration', () => {
  test('--seed and --policy are overrides; --set has the last word', () =>
    expect(overridesOf({ seed: 7, policy: 'strict', set: [{ path: 'seed', value: 8 }] })).toEqual([
      { path: 'seed', value: 7 },
      { path: 'gates.policy', value: 'strict' },
      { path: 'seed', value: 8 },
    ]));

  test('the words that lead to the same configuration', () =>
    expect(
      configWords({
        config: 'a.ts',
        preset: 'quickstart',
        set: [
          { path: 'a', value: [1] },
          { path: 'b', value: 'x y' },
        ],
      }),
    ).toEqual(['--config', 'a.ts', '--preset', 'quickstart', '--set', 'a=[1]', '--set', 'b=x y']));

  test('a line to paste into a shell', () =>
    expect(shellLine(['agentforge', '--set', 'a=[1]', "it's", 'plain-1.5/x:y', ''])).toBe(
      `agentforge --set 'a=[1]' 'it'\\''s' plain-1.5/x:y ''`,
    ));
});

describe('numbers', () => {
  test.each(['', ' ', 'x', '1.5', '-1', '1e30', 'Infinity'])('%p is no whole number of at least 0', (text) =>
    expect(() => parseInteger(0)(text)).toThrow('Expected a whole number of at least 0.'),
  );
  test.each(['', 'NaN', '1.1', '-0.1'])('%p is not from 0 to 1', (text) =>
    expect(() => parseNumber(0, 1)(text)).toThrow('Expected a number from 0 to 1.'),
  );
  test('bounds are included', () => expect([parseInteger(3)('3'), parseNumber(0, 1)('1')]).toEqual([3, 1]));
});
