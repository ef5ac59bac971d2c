import type { BakingExample } from '../../../../core/contracts/baking.js';
import { EMPTY_ANSWERS } from '../../../../nn/cycles/index.js';
import type { Bake } from '../../../../plugins/phases/baking/bakes.js';
import { endedExample } from '../../../../plugins/phases/baking/examples.js';
import { answersAt, learn, type Learning, type Standing } from '../../../../plugins/phases/baking/learn.js';
import type { EvaluationList } from '../../../../plugins/phases/baking/lists.js';
import { BakedModel } from '../../../../plugins/phases/baking/model.js';
import type { BakingRun } from '../../../../plugins/phases/baking/prepare.js';
import { posedTool, toolQuestions } from '../../../../plugins/phases/baking/tools/questions.js';
import type { BakingEntry } from '../../../../plugins/phases/shared/baking/types.js';
import type { LiveModel } from '../../../../plugins/phases/shared/model/open.js';
import { afresh, marked, markOf, openForged, preparedRun, type Forged } from './support.js';

let forged: Forged;
let prepared: BakingRun;
beforeAll(async () => {
  forged = await openForged();
  prepared = await preparedRun(forged, { personas: { use: [] } });
});
afterAll(() => forged.close());

/** A list that gets so many of ten right, by the mark of the model; the same ones first. */
function listOf(name: string, right: (mark: number) => number, asked: number[] = []): EvaluationList {
  return {
    name,
    answered: async ({ weights }: LiveModel) => {
      const mark = markOf(weights);
      asked.push(mark);
      return Array.from({ length: 10 }, (_, i) => i < right(mark));
    },
  };
}

interface Bench {
  readonly run: ReturnType<typeof afresh>;
  readonly baked: BakedModel;
  readonly released: LiveModel[];
  /** What was baked with. */
  readonly bakes: Bake[];
  /** Learn something, whose tries give models of these marks. */
  readonly learns: (
    standing: Standing,
    name: string,
    marks: readonly number[],
    lists?: readonly EvaluationList[],
  ) => Promise<Standing>;
  /** Before anything was learnt. */
  readonly begun: (lists: readonly EvaluationList[]) => Promise<Standing>;
}

function benchOf(rollback: Partial<BakingRun['options']['rollback']> = {}): Bench {
  const released: LiveModel[] = [];
  const fresh = afresh(prepared);
  const run = {
    ...fresh,
    options: { ...fresh.options, rollback: { points: 10, rehearsal: 0.25, attempts: 2, ...rollback } },
    writers: {
      release: async (model: LiveModel) => void released.push(model),
    } as unknown as BakingRun['writers'],
  };
  const baked = new BakedModel(run);
  const bakes: Bake[] = [];
  const [one] = posedTool(run, toolQuestions(run, 'search', { side: 'train', count: 1 }, 'unit'), 'unit');
  const example = (strategy: string): BakingExample => endedExample(run, one!, [65, 66], strategy);
  return {
    ...{ run, baked, released, bakes },
    begun: async (lists) => {
      const standing = { weights: marked(run, 0), ledger: [], answers: EMPTY_ANSWERS, lists, learnt: [] };
      return { ...standing, answers: await answersAt(run, baked, standing, 'before') };
    },
    learns: (standing, name, marks, lists = []) => {
      const learning: Learning = {
        ...{ name, subjects: [name], kind: 'tool', lists, steps: 1, fraction: (done: number) => done },
        train: Array.from({ length: 6 }, () => example(name)),
        kept: Array.from({ length: 3 }, () => example('kept')),
        heldOut: [example(name)],
      };
      const turns = [...marks];
      return learn(run, baked, standing, learning, 'tools', async (_, { weights }, bake) => {
        expect(weights).toEqual(standing.weights);
        bakes.push(bake);
        return { weights: marked(run, turns.shift()!), entries: [{ name: bake.name } as BakingEntry] };
      });
    },
  };
}

const strategies = ({ train }: Bake): Record<string, number> =>
  train.reduce<Record<string, number>>(
    (counts, { strategy }) => ({ ...counts, [strategy!]: (counts[strategy!] ?? 0) + 1 }),
    {},
  );
const markIn = ({ weights }: Standing): number => markOf(weights);

test('a bake that costs no list more than the points of the options stays, with lists of its own', async () => {
  const { run, learns, begun, bakes } = benchOf();
  // One of ten is ten points: just what may be lost.
  const first = await begun([listOf('thoughts', (mark) => 9 - mark)]);
  const next = await learns(first, 'search', [1], [listOf('search', () => 8)]);
  expect(markIn(next)).toBe(1);
  expect(next.lists.map(({ name }) => name)).toEqual(['thoughts', 'search']);
  expect(next.answers).toMatchObject({ lists: ['thoughts', 'search'], moments: ['before', 'search'] });
  expect(next.answers.right).toEqual([
    ['1111111110', '1111111100'],
    [null, '1111111100'],
  ]);
  const [entry, ...more] = next.ledger;
  expect(more).toEqual([]);
  expect(entry).toMatchObject({
    ...{ order: 1, name: 'search', subjects: ['search'], kind: 'tool', attempt: 1, kept: true, reason: null },
    ...{ entries: [{ name: 'search' }], worst: { list: 'thoughts', best: 'before', items: 10 } },
    // A single answer has no spread that could be explained.
    fit: { before: null, after: null },
  });
  expect(entry!.worst!.points.value).toBeCloseTo(10, 10);
  expect(next.learnt.map((list) => list.length)).toEqual([6]);
  expect(bakes.map(strategies)).toEqual([{ search: 6, kept: 3 }]);
  expect(run.warned).toEqual([]);
});

test('one that costs more is taken back and tried again with twice the rehearsal', async () => {
  const { run, learns, begun, bakes } = benchOf();
  const before = await learns(
    await begun([listOf('thoughts', (mark) => (mark === 2 ? 0 : 9))]),
    'search',
    [1],
  );
  const next = await learns(before, 'calculator', [2, 3]);
  expect(markIn(next)).toBe(3);
  const [, first, second] = next.ledger;
  expect(first).toMatchObject({ order: 2, name: 'calculator', attempt: 1, kept: false });
  expect(first!.reason).toBe('thoughts lost 90.0 points of before, more than 10');
  expect(second).toMatchObject({ order: 3, name: 'calculator', attempt: 2, kept: true, reason: null });
  expect(run.warned).toEqual([`calculator was taken back: ${first!.reason!}.`]);
  // Of 9 rows of its own 3 are a quarter of all, and 9 are half.
  expect(bakes.map(({ name }) => name)).toEqual(['search', 'calculator', 'calculator-2']);
  expect(bakes.slice(1).map(strategies)).toEqual([
    { calculator: 6, kept: 3, search: 3 },
    { calculator: 6, kept: 3, search: 9 },
  ]);
  for (const { prompt, read, strategy } of bakes[2]!.train)
    if (strategy === 'search') expect([prompt, read!.teacher]).toEqual([null, read!.model]);
});

test('one that always costs too much is left out: weights, lists and answers are as before', async () => {
  const asked: number[] = [];
  const { run, learns, begun, baked, released } = benchOf();
  const first = await begun([listOf('thoughts', (mark) => (mark > 0 ? 0 : 9), asked)]);
  const own = listOf('search', () => 10);
  const after = await learns(first, 'search', [4, 5], [own]);
  expect(after).toEqual({ ...first, ledger: after.ledger });
  expect(after.weights).toBe(first.weights);
  expect(after.ledger.map(({ attempt, kept, worst }) => [attempt, kept, worst!.list])).toEqual([
    [1, false, 'thoughts'],
    [2, false, 'thoughts'],
  ]);
  expect(run.warned).toHaveLength(2);
  expect(asked).toEqual([0, 4, 5]);
  // What was dropped is let go, what goes on is not.
  const marks = released.map(({ weights }) => markOf(weights));
  expect(marks).toEqual([4, 5]);
  expect(baked.applied(first.weights)).toBe(baked.applied(first.weights));
});

test('what is lost is counted from the best that a list ever had, and never from a model that was dropped', async () => {
  const scores = [5, 10, 8, 9, 8];
  const { learns, begun } = benchOf({ attempts: 1 });
  let standing = await begun([listOf('thoughts', (mark) => scores[mark]!)]);
  const kept: boolean[] = [];
  for (const mark of [1, 2, 3, 4]) {
    standing = await learns(standing, `tool-${mark}`, [mark]);
    kept.push(standing.ledger.at(-1)!.kept);
  }
  // 10 is the best: 8 is two below, 9 one.
  expect(kept).toEqual([true, false, true, false]);
  expect(standing.answers.moments).toEqual(['before', 'tool-1', 'tool-3']);
  expect(standing.ledger.map(({ worst }) => worst!.best)).toEqual(['before', 'tool-1', 'tool-1', 'tool-1']);
  expect(markIn(standing)).toBe(3);
});

test('rehearsal has three of four rows at most, and is shared by all that was learnt', async () => {
  const { learns, begun, bakes } = benchOf({ rehearsal: 0.5 });
  let standing = await begun([listOf('thoughts', (mark) => (mark === 9 ? 0 : 9))]);
  for (const name of ['one', 'two']) standing = await learns(standing, name, [1]);
  await learns(standing, 'three', [9, 1]);
  expect(bakes.slice(2).map(strategies)).toEqual([
    { three: 6, kept: 3, one: 5, two: 4 },
    { three: 6, kept: 3, one: 14, two: 13 },
  ]);
});

test('a run that goes on asks no list again that was asked of the same model', async () => {
  const asked: number[] = [];
  const { learns, begun } = benchOf();
  const first = await begun([listOf('thoughts', () => 9, asked)]);
  const once = await learns(first, 'search', [1]);
  expect(await learns(first, 'search', [1])).toEqual(once);
  expect(asked).toEqual([0, 1]);
  // Another model in its place is not what was saved.
  await expect(learns(first, 'search', [2])).rejects.toMatchObject({ code: 'AF_DATA_CHANGED' });
});
