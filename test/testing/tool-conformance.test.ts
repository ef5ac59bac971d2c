import type { Tool, ToolManual, ToolOutcome } from '../../core/contracts/tool.js';
import { toolConformance } from '../../testing/index.js';
import { fails, testConformance } from '../support/conformance.js';

const manual: ToolManual = {
  wordings: ['<|upper|> makes letters large, give it words.', 'For large letters call <|upper|>.'],
  heldOut: ['Large letters come from <|upper|>.'],
  short: '<|upper|>: letters',
};
const cut = (text: string, most: number): ToolOutcome => ({
  ok: true,
  text: [...text].slice(0, most).join(''),
});

/** Makes letters large; its questions are about words of letters that only their side has. */
function upper(changes: Partial<Tool> = {}): Tool {
  return {
    manual,
    run: (args, { characters }) =>
      args.length > 100
        ? { ok: false, failure: 'limit', message: 'too long' }
        : cut(args.toUpperCase(), characters),
    ask: (random, difficulty, side) => {
      const letters = side === 'train' ? 'abcdef' : 'uvwxyz';
      const length = 2 + Math.floor(difficulty / 25);
      const args = Array.from({ length }, () => letters[random.integer(letters.length)]!).join('');
      return { args, question: side === 'train' ? `Shout "${args}"!` : `Make "${args}" large.` };
    },
    ...changes,
  };
}
const suite = (changes: Partial<Tool>) => toolConformance(() => upper(changes), { seconds: 0.5 });

describe('a tool that keeps the rules passes', () => {
  testConformance(toolConformance(() => upper(), { args: ['x'], words: 10, seconds: 1 }));
});

describe('a tool without questions passes when it is said', () => {
  const { ask: _, ...silent } = upper();
  testConformance(toolConformance(() => silent, { asks: false }));

  test('and not otherwise', async () => {
    const questions = 'asks questions of one line on both sides, and answers them';
    expect(
      await fails(
        toolConformance(() => silent),
        questions,
      ),
    ).toBe(true);
    expect(
      await fails(
        toolConformance(() => upper(), { asks: false }),
        'asks nothing',
      ),
    ).toBe(true);
  });
});

test.each<[string, string, Partial<Tool>]>([
  [
    'throws at some text',
    'gives an outcome for any text',
    {
      run: (args, limits) => {
        if (args.includes('__proto__')) throw new Error('no');
        return upper().run(args, limits);
      },
    },
  ],
  ['gives a promise', 'gives an outcome for any text', { run: (() => Promise.resolve()) as never }],
  [
    'fails in a way of its own',
    'gives an outcome for any text',
    { run: () => ({ ok: false, failure: 'other' as never, message: 'x' }) },
  ],
  [
    'fails without a message',
    'gives an outcome for any text',
    { run: () => ({ ok: false, failure: 'syntax', message: '' }) },
  ],
  ['writes too much', 'stays within its limits', { run: (args) => ({ ok: true, text: args.toUpperCase() }) }],
  [
    'takes long for large texts',
    'ends soon, however large the text',
    {
      run: (args, limits) => {
        const end = performance.now() + (args.length > 10_000 ? 600 : 0);
        while (performance.now() < end);
        return upper().run(args, limits);
      },
    },
  ],
  [
    'has one wording',
    'has a manual with wordings to train on and others to measure with',
    { manual: { ...manual, wordings: [manual.wordings[0]!] } },
  ],
  [
    'measures with nothing',
    'has a manual with wordings to train on and others to measure with',
    { manual: { ...manual, heldOut: [] } },
  ],
  [
    'measures with what it trains on',
    'has a manual with wordings to train on and others to measure with',
    { manual: { ...manual, heldOut: [manual.wordings[0]!] } },
  ],
  [
    'names no tool',
    'has short wordings of one line that name the tool by its tag',
    { manual: { ...manual, heldOut: ['Large letters are made.'] } },
  ],
  [
    'names another tool',
    'has short wordings of one line that name the tool by its tag',
    { manual: { ...manual, heldOut: ['Ask <|lower|>.'] } },
  ],
  [
    'has two lines',
    'has short wordings of one line that name the tool by its tag',
    { manual: { ...manual, heldOut: ['Ask\n<|upper|>.'] } },
  ],
  [
    'is long',
    'has short wordings of one line that name the tool by its tag',
    { manual: { ...manual, heldOut: [`<|upper|> ${'very '.repeat(16)}`] } },
  ],
  [
    'is no shorter when short',
    'has short wordings of one line that name the tool by its tag',
    { manual: { ...manual, short: `<|upper|>: ${'letters'.repeat(9)}` } },
  ],
  [
    'asks what it cannot answer',
    'asks questions of one line on both sides, and answers them',
    { run: () => ({ ok: false, failure: 'syntax', message: 'x' }) },
  ],
  [
    'shares arguments',
    'shares no arguments and no wordings between the sides',
    { ask: (random, _, side) => ({ question: `${side}?`, args: `a${random.integer(5)}` }) },
  ],
  [
    'shares wordings',
    'shares no arguments and no wordings between the sides',
    {
      ask: (random, _, side) => ({
        question: `Shout ${side[0]!}!`,
        args: `${side[0]!} ${random.integer(9)}`,
      }),
    },
  ],
])('one that %s fails "%s"', async (_what, name, changes) => {
  expect(await fails(suite(changes), name)).toBe(true);
});

test('one that remembers fails', async () => {
  let calls = 0;
  const counting = (): Tool => upper({ run: (_, { characters }) => cut(String(calls++), characters) });
  expect(
    await fails(
      toolConformance(counting),
      'gives the same outcome for the same text, whatever it was asked before',
    ),
  ).toBe(true);
  const asking = (): Tool => upper({ ask: () => ({ question: `Shout ${calls++}!`, args: 'x' }) });
  expect(await fails(toolConformance(asking), 'asks the same questions with the same random numbers')).toBe(
    true,
  );
});
