import fc from 'fast-check';
import type { DataRecord } from '../../../../../core/contracts/dataset.js';
import type { BakingExample } from '../../../../../core/contracts/baking.js';
import {
  directExamples,
  recalledHeldOut,
  thinkingExamples,
  trainingExamples,
  workedData,
  type WorkedData,
} from '../../../../../plugins/phases/shared/thoughts/examples.js';
import type { SplitData, SplitDataset } from '../../../../../plugins/phases/shared/data/split.js';
import { letterTokenizer } from '../../../../../testing/fixtures/letters.js';
import { record } from '../../quietstar/support.js';

function set(name: string, train: readonly DataRecord[], heldout: readonly DataRecord[] = []): SplitDataset {
  const heldoutKeys = heldout.map((_, i) => `${name}-${i}`);
  const dataset = { category: 'math', synthetic: true, load: () => Promise.resolve([]) } as const;
  return { name, dataset, train, heldout, heldoutKeys, duplicates: 0 } as unknown as SplitDataset;
}

const split = (sets: readonly SplitDataset[], locked: readonly string[] = []): SplitData =>
  ({ sets, locked: new Set(locked) }) as unknown as SplitData;

const row = (i: number, metadata: Record<string, unknown> = {}): DataRecord => {
  const [input, output] = [`${i}+0=`, ` ${i}`];
  return { text: input + output, input, output, metadata: { trace: `<think>${i}</think>`, ...metadata } };
};

describe('records with thoughts', () => {
  it('stay on their sides, and what is locked is apart from what is chosen by', () => {
    const data = workedData(split([set('own', [row(1)], [row(2), row(3)])], ['own-1']), ['own']);
    const questions = (side: keyof WorkedData) => data[side].map(({ question }) => question);
    expect([questions('train'), questions('free'), questions('locked')]).toEqual([
      ['1+0='],
      ['2+0='],
      ['3+0='],
    ]);
  });

  it('are those with question, answer and trace, of the named datasets alone', () => {
    const text = { text: 'a text', metadata: { trace: '<think>no question</think>' } };
    const untraced = { text: '1 2', input: '1', output: ' 2' };
    const data = workedData(split([set('own', [text, untraced, row(4)]), set('other', [row(5)])]), ['own']);
    expect(data.train.map(({ question }) => question)).toEqual(['4+0=']);
  });

  it('carry what the record says of itself, with defaults', () => {
    const said = { strategy: 'self-doubt', family: 'sums', part: 'new-range' };
    const of = (metadata: Record<string, unknown>) =>
      workedData(split([set('own', [row(1, metadata)])]), ['own']).train[0]!;
    expect(of(said)).toMatchObject(said);
    expect(of({})).toMatchObject({ strategy: 'chain-of-thought', family: 'own', part: 'known' });
  });

  it('answer with what stands from the mark on: the working is in the thought', () => {
    const worked = { ...row(1), output: ' 1 plus 0 is 1 #### 1' };
    const [first] = workedData(split([set('own', [worked])]), ['own']).train;
    expect(first!.answer).toBe(' #### 1');
  });
});

const LENGTH = 20;
const records = Array.from({ length: 200 }, (_, i) =>
  record({ question: `${100 + i}+1=`, answer: ` ${101 + i}`, trace: 'x' }),
);
const data: WorkedData = { train: records, free: [], locked: [] };
const earlier = [
  set(
    'earlier',
    Array.from({ length: 200 }, (_, i) => ({ text: `text ${i}` })),
  ),
];
/** Ids of an example as a row has it: start, what is read and written, end. */
const tokensOf = ({ input, trace, output, written }: BakingExample): number =>
  written === undefined ? [...input, ...trace, ...output].length + 2 : written.length + 1;
const sum = (examples: readonly BakingExample[]): number =>
  examples.reduce((total, example) => total + tokensOf(example), 0);
const kindOf = ({ trace, input }: BakingExample): string =>
  input === '' ? 'replay' : trace === '' ? 'direct' : 'thinking';
const shareOf = (examples: readonly BakingExample[], kind: string): number =>
  sum(examples.filter((example) => kindOf(example) === kind)) / sum(examples);

describe('examples of a training', () => {
  const room = { tokens: 1500, length: LENGTH, direct: 0.15, replay: 0.2, prompt: 'think' };
  const { thinking, control } = trainingExamples(data, earlier, letterTokenizer, room);

  it('have the asked shares of the tokens, to within an example', () => {
    expect(shareOf(thinking, 'thinking')).toBeCloseTo(0.65, 1);
    expect(shareOf(thinking, 'direct')).toBeCloseTo(0.15, 1);
    expect(shareOf(thinking, 'replay')).toBeCloseTo(0.2, 1);
    expect(sum(thinking)).toBeGreaterThanOrEqual(1500);
    expect(sum(thinking)).toBeLessThan(1500 + 3 * LENGTH);
  });

  it('have the prompt of a teacher where they are thought about, and nowhere else', () => {
    const prompted = (examples: readonly BakingExample[]) =>
      examples.filter(({ prompt }) => prompt === 'think');
    expect(prompted(thinking).map(kindOf)).toEqual(
      thinking.map(kindOf).filter((kind) => kind === 'thinking'),
    );
    expect(prompted(control)).toEqual([]);
  });

  it('give the control as many tokens, the same replay and no thought', () => {
    const replay = (examples: readonly BakingExample[]) => examples.filter((e) => kindOf(e) === 'replay');
    expect(replay(control)).toEqual(replay(thinking));
    expect(control.some((example) => kindOf(example) === 'thinking')).toBe(false);
    // Baking may hold the model to what it says of them; step 2 learns them as any other.
    for (const example of [...thinking, ...control])
      expect(example.kept === true).toBe(kindOf(example) === 'replay');
    expect(Math.abs(sum(control) - sum(thinking))).toBeLessThan(3 * LENGTH);
  });

  it('are answered at once where others are thought about, as long as there are enough', () => {
    const inputs = (kind: string) => thinking.filter((e) => kindOf(e) === kind).map(({ input }) => input);
    const thoughtAbout = new Set(inputs('thinking'));
    expect(inputs('direct').length).toBeGreaterThan(0);
    expect(inputs('direct').some((input) => thoughtAbout.has(input))).toBe(false);
  });

  it('are all there are where there are too few', () => {
    const few = trainingExamples({ ...data, train: records.slice(0, 3) }, [], letterTokenizer, room);
    expect(few.thinking.map(kindOf)).toEqual([
      ...['thinking', 'thinking', 'thinking'],
      ...['direct', 'direct', 'direct'],
    ]);
  });

  it('take no replay at a share of 0', () => {
    const without = directExamples(records, earlier, letterTokenizer, {
      tokens: 100,
      length: LENGTH,
      replay: 0,
    });
    expect(without.map(kindOf)).not.toContain('replay');
    expect(sum(without)).toBeGreaterThanOrEqual(100);
  });

  it('learn of an earlier question the answer alone', () => {
    const asked = [set('earlier', [{ text: '1+1= 2', input: '1+1=', output: ' 2' }])];
    const [example] = directExamples([], asked, letterTokenizer, { tokens: 9, length: LENGTH, replay: 1 });
    expect(example).toEqual({ input: '1+1=', output: ' 2', trace: '', strategy: null, prompt: null });
  });
});

describe('a long text of the earlier training', () => {
  const pieces = (text: string, length: number): readonly BakingExample[] =>
    recalledHeldOut([set('earlier', [], [{ text }])], letterTokenizer, { tokens: Infinity, length });

  it('comes in pieces that fit a row with its start, every token once', () => {
    const text = 'abcdefghij';
    const [first, second, third] = pieces(text, 5).map(({ written }) => letterTokenizer.decode(written!));
    expect([first, second, third]).toEqual(['abcd', 'efgh', 'ij']);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 2, max: 20 }), (size, length) => {
        const long = Array.from({ length: size }, (_, i) => 'abcdefghijklmnopqrstuvwxyz'[i % 26]).join('');
        const all = pieces(long, length);
        expect(all.flatMap(({ written }) => [...written!])).toEqual([...letterTokenizer.encode(long), 2]);
        expect(all.every(({ written }) => written!.length + 1 <= length)).toBe(true);
      }),
    );
  });
});

test('questions with their thoughts are those that fit a row, of about so many tokens', () => {
  const long = record({ question: '7+7=', trace: 'x'.repeat(2 * LENGTH) });
  const tokens = 5 * LENGTH;
  const taken = thinkingExamples([long, ...records], letterTokenizer, { tokens, length: LENGTH });
  expect(taken.every(({ trace }) => trace === 'x')).toBe(true);
  expect(sum(taken)).toBeGreaterThanOrEqual(tokens);
  expect(sum(taken)).toBeLessThan(tokens + LENGTH);
  expect(taken[0]!.input).toBe('100+1=');
});
