import fc from 'fast-check';
import type { Tool } from '../../../core/contracts/tool.js';
import { stream } from '../../../nn/random/index.js';
import { calculator } from '../../../plugins/tools/index.js';
import { HOST_NAMES, toolOf, type Run } from './support.js';

let run: Run;
let tool: Tool;
beforeAll(async () => ({ run, tool } = await toolOf(calculator())));

describe('the calculator', () => {
  test.each([
    ['1+2', '3'],
    [' 2 + 3 * 4 ', '14'],
    ['(2+3)*4', '20'],
    ['7-2-1', '4'],
    ['100/5/2', '10'],
    ['-3*-4', '12'],
    ['--3', '3'],
    ['2--3', '5'],
    ['-(1+2)', '-3'],
    ['1/3', '0.333333'],
    ['2/3', '0.666667'],
    ['-2/3', '-0.666667'],
    ['1/8', '0.125'],
    // 5e-7 is a half of the last place: away from zero.
    ['1/2000000', '0.000001'],
    ['-1/2000000', '-0.000001'],
    ['1/2000001', '0'],
    ['-1/3000000', '0'],
    ['0.1+0.2', '0.3'],
    ['1/3*3', '1'],
    ['0*5', '0'],
    ['999999999999999*999999999999999', '999999999999998000000000000001'],
    ['1.50', '1.5'],
    ['007', '7'],
  ])('%s is %s', (expression, value) => expect(run(expression)).toBe(value));

  test.each([
    ['', 'syntax'],
    ['1+', 'syntax'],
    ['(1', 'syntax'],
    ['1)', 'syntax'],
    ['1 2', 'syntax'],
    ['+1', 'syntax'],
    ['.5', 'syntax'],
    ['1.', 'syntax'],
    ['1e9', 'syntax'],
    ['2**9', 'syntax'],
    ['0x10', 'syntax'],
    ['1,000', 'syntax'],
    ['１+１', 'syntax'],
    ['1\u00002', 'syntax'],
    ['1\n+2', 'syntax'],
    ['x', 'syntax'],
    ['1/0', 'arithmetic'],
    ['1/(2-2)', 'arithmetic'],
    ['1234567890123456', 'limit'],
    [`${'999999999999999*'.repeat(3)}1`, 'limit'],
    [`1${'/999999999999999'.repeat(3)}`, 'limit'],
    ['('.repeat(40) + '1' + ')'.repeat(40), 'limit'],
    ['-'.repeat(40) + '1', 'limit'],
    ['('.repeat(100_000), 'limit'],
    ['1+'.repeat(2000) + '1', 'limit'],
  ])('%.20s is no expression: %s', (expression, failure) => expect(run(expression)).toBe(`!${failure}`));

  test('steps are bounded, and long results cut', () => {
    expect(run('1+1+1+1', { steps: 3 })).toBe('4');
    expect(run('1+1+1+1', { steps: 2 })).toBe('!limit');
    expect(run('123*1000', { characters: 4 })).toBe('1230');
  });

  test.each(HOST_NAMES)('%s is nothing', (name) => {
    for (const text of [name, `${name}(1)`, `1+${name}`, `(1).${name}`, `"".${name}`])
      expect(run(text)).toBe('!syntax');
  });

  test('agrees with exact integer arithmetic', () => {
    const operand = fc.integer({ min: 0, max: 10 ** 6 });
    fc.assert(
      fc.property(operand, operand, operand, (a, b, c) => {
        expect(run(`${a}+${b}*${c}`)).toBe(String(BigInt(a) + BigInt(b) * BigInt(c)));
        expect(run(`(${a}-${b})*${c}`)).toBe(String((BigInt(a) - BigInt(b)) * BigInt(c)));
        if (b > 0) expect(run(`${a}*${b}/${b}`)).toBe(String(a));
        if (b > 0) expect(Math.abs(Number(run(`${a}/${b}`)) - a / b)).toBeLessThanOrEqual(5.1e-7);
      }),
    );
  });
});

describe('its questions', () => {
  const asked = (side: 'train' | 'held-out') =>
    Array.from({ length: 400 }, (_, i) => tool.ask!(stream(3, side, String(i)), 1 + (i % 100), side));

  test.each(['train', 'held-out'] as const)(
    'say their signs now and then (%s), and never in what it is given',
    (side) => {
      const spoken = asked(side).filter(({ question }) => / (plus|minus|times|divided by) /.test(question));
      expect(spoken.length).toBeGreaterThan(40);
      expect(spoken.length).toBeLessThan(300);
      const SIGNS: Readonly<Record<string, string>> = {
        plus: '+',
        minus: '-',
        times: '*',
        'divided by': '/',
      };
      for (const { question, args } of spoken) {
        expect(args).toMatch(/^[\d+*/-]+$/);
        expect(
          question.replace(/ (plus|minus|times|divided by) /g, (_, word: string) => SIGNS[word]!),
        ).toContain(args);
      }
    },
  );

  test('are typed carelessly in training alone', () => {
    const careless = ({ question }: { readonly question: string }) => /^[a-z].*[^?.]$/.test(question);
    expect(asked('train').some(careless)).toBe(true);
    expect(asked('held-out').some(careless)).toBe(false);
  });
});
