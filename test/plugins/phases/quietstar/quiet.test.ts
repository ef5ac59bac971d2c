import { withBatchWriters } from '../../../../nn/generation/index.js';
import { accuracyToChooseBy } from '../../../../plugins/phases/quietstar/choose.js';
import { quietRows } from '../../../../plugins/phases/quietstar/quiet-rows.js';
import { learnToThink } from '../../../../plugins/phases/quietstar/quiet.js';
import { tinyQuietstar } from '../../../support/tiny-quietstar.js';
import { step1 } from './step-1.js';

const stepTwo = (quiet: ReturnType<typeof tinyQuietstar>['quiet'] = {}) =>
  step1(
    { steps: 2, control: false },
    async (step) => {
      const learnt = await learnToThink(step.run, step.baked, () => 0);
      return { ...learnt, told: step.metrics.get('rl/num_thoughts') as number[] };
    },
    { ...tinyQuietstar().quiet, ...quiet },
  );

test('step 2 counts the thoughts that it drew', async () => {
  const { thoughts, updates, told } = await stepTwo();
  expect(updates).toBe(2);
  expect(told).toHaveLength(2);
  expect(thoughts).toBe(told[0]! + told[1]!);
  expect(thoughts).toBeGreaterThan(0);
});

test.each([
  [0, 'without'],
  [2, 'with'],
] as const)(
  'where step 2 ends with thoughts of %d tokens, models are chosen %s them',
  async (tokens, arm) => {
    const by = await step1(
      { steps: 1, control: false },
      ({ run, baked }) => withBatchWriters(4, (writers) => accuracyToChooseBy(run, baked.thinker, writers)),
      { ...tinyQuietstar().quiet, shrink: [{ until: 1, tokens }] },
    );
    expect(by).toMatchObject({ arm, accuracy: expect.any(Number) });
  },
);

test('step 2 in stages counts those of every stage, and of the tests between its updates', async () => {
  const { thoughts, theater, updates, told, model } = await stepTwo({
    steps: 4,
    theater: { every: 1, items: 4 },
    shrink: [
      { until: 0.5, tokens: 3 },
      { until: 0.75, tokens: 2 },
      { until: 1, tokens: 0 },
    ],
  });
  expect(updates).toBe(4);
  expect(told).toHaveLength(3);
  // One about each of four questions, and two more; nothing is tested without thoughts.
  expect(theater).toMatchObject({ tests: 3, thoughts: 3 * (4 + 2 * 4) });
  expect(thoughts).toBe(told.reduce((sum, count) => sum + count) + theater.thoughts);
  // Its own halting rule, measured once on what came of all stages.
  expect(model.halting!.accuracy).toHaveLength(2);
});

test('a step 2 that was stopped at the end of a stage stays stopped when it is gone on with', async () => {
  const quiet = {
    ...tinyQuietstar().quiet,
    ...{ steps: 2, theater: { every: 1, items: 4 }, shrink: [{ until: 0.5, tokens: 3 }] },
  };
  const asked: string[] = [];
  const [first, again] = await step1(
    { steps: 1, control: false },
    async ({ run, baked }) => {
      const learn = (decision: string) => {
        const intervene = (trouble: string) => {
          asked.push(trouble);
          return Promise.resolve(decision);
        };
        const ctx = { ...run.ctx, intervene: intervene as typeof run.ctx.intervene };
        return learnToThink({ ...run, ctx }, baked, () => 0);
      };
      return [await learn('stop'), await learn('go-on')] as const;
    },
    quiet,
  );
  expect(asked).toEqual(['theater']);
  expect(first).toMatchObject({ updates: 1, theater: { tests: 1, stopped: true } });
  expect([again.updates, again.theater, again.thoughts]).toEqual([
    ...[first.updates, first.theater, first.thoughts],
  ]);
});

test('rows that no question fits are refused, naming their length', async () => {
  const quiet = { ...tinyQuietstar().quiet, replay: 0 };
  const error = await step1(
    { steps: 1, control: false },
    ({ run }) => {
      try {
        quietRows({ ...run, options: { ...run.options, quiet: withLength(run.options.quiet, 3) } });
        return Promise.resolve(null);
      } catch (error) {
        return Promise.resolve(error);
      }
    },
    quiet,
  );
  expect(error).toMatchObject({ code: 'AF_BAKING_DATA', at: 'phases.quietstar.quiet.training.length' });
});

function withLength<T extends { readonly training: object }>(quiet: T, length: number): T {
  return { ...quiet, training: { ...quiet.training, length } };
}
