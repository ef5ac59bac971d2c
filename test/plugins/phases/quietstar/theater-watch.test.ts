import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { LOOP_START, type LoopProgress } from '../../../../nn/training/index.js';
import { findingOf, type TheaterFinding } from '../../../../plugins/phases/quietstar/theater-test.js';
import { NO_THEATER, TheaterWatch } from '../../../../plugins/phases/quietstar/theater-watch.js';
import { theaterReport } from '../../../../plugins/phases/shared/theater/index.js';
import { examined, record, thought } from './support.js';

const tensors = (value: number): TensorDict => ({
  table: { shape: [1], dtype: 'float32', data: Float32Array.of(value) },
});

const measured = {
  ...{ divergence: 0.9, ablation_drop: 0.1, length: 7, diversity: 4, repetition: 0.1 },
  ...{ accuracy_with: 0.5, accuracy_without: 0.4, accuracy_other: 0.3 },
};
const alerts = [{ message: 'they repeat' }];
const found = (theater: boolean | null): TheaterFinding => ({
  ...{ theater, measured, thoughts: 5 },
  alerts: theater === true ? alerts : [],
});

/** A watch of a run whose averaged weights are the number of its update; what it did, one line each. */
function watched(verdicts: readonly (boolean | null)[], { every = 1, says = 'correct' } = {}) {
  const left = [...verdicts];
  const told: string[] = [];
  let now = 0;
  const watch = new TheaterWatch({
    ctx: {
      intervene: (_, actions, fallback) =>
        Promise.resolve(actions.find((action) => action === says) ?? fallback),
      event: (name, facts) => void told.push(`${name} ${JSON.stringify(facts)}`),
      metric: (name, value, { step }) => void told.push(`${name} ${String(value)} @${step}`),
    },
    trainer: {
      read: () => Promise.resolve({ 'ema/table': tensors(now)['table']! }),
      restore: (weights) => {
        for (const [name, { data }] of Object.entries(weights)) told.push(`${name} := ${data[0]}`);
        return Promise.resolve();
      },
    },
    test: (averages) => {
      told.push(`test ${averages['table']!.data[0]}`);
      return Promise.resolve(found(left.shift()!));
    },
    ...{ every, start: tensors(-1), klWeight: 0.1, rewardThreshold: 0.2 },
    axis: (step) => 100 + step,
  });
  const after = (step: number, best: LoopProgress['best'] = null): Promise<LoopProgress> => {
    now = step;
    return watch.after({ ...LOOP_START, step, best, staleEvaluations: 2 });
  };
  const restored = () => told.filter((line) => line.includes(':='));
  return { watch, after, told, restored };
}

describe('tests for theater while step 2 trains', () => {
  it('take the last weights back that passed, pull harder, and ask more of a thought', async () => {
    const { watch, after, restored, told } = watched([false, true, true]);
    await after(1);
    await after(2);
    expect(restored()).toEqual(['param/table := 1', 'ema/table := 1']);
    expect([watch.klWeight, watch.rewardThreshold]).toEqual([0.2, expect.closeTo(0.3, 12)]);
    await after(3);
    expect(restored().slice(2)).toEqual(['param/table := 1', 'ema/table := 1']);
    expect(watch.klWeight).toBeCloseTo(0.4, 12);
    expect(watch.rewardThreshold).toBeCloseTo(0.45, 12);
    expect(watch.record).toMatchObject({
      ...{ tests: 3, thoughts: 15, failed: 2, passedAt: 1, stopped: false },
    });
    expect(told).toContain('alert {"message":"they repeat","task":"thinking","step":2}');
    expect(told).toContain('anti_theater/all_passed true @101');
    expect(told).toContain('anti_theater/all_passed false @102');
    expect(told).toContain('anti_theater/ablation_drop 0.1 @102');
    expect(told).toContain('anti_theater/kl_weight 0.4 @103');
  });

  it('go back to the start of step 2 where none has passed', async () => {
    const { after, restored } = watched([true]);
    await after(1);
    expect(restored()).toEqual(['param/table := -1', 'ema/table := -1']);
  });

  it('forget the best weights of what is taken back, and no others', async () => {
    const { after } = watched([false, true, true]);
    const [early, late] = [
      { step: 1, loss: 3 },
      { step: 2, loss: 2 },
    ];
    expect((await after(1, early)).best).toEqual(early);
    expect(await after(2, late)).toMatchObject({ best: null, staleEvaluations: 0, stoppedEarly: false });
    expect((await after(3, early)).best).toEqual(early);
  });

  it('are made at their updates alone, and not at all where nobody wants any', async () => {
    const some = watched([false, false], { every: 2 });
    for (const step of [1, 2, 3, 4]) await some.after(step);
    expect(some.told.filter((line) => line.startsWith('test'))).toEqual(['test 2', 'test 4']);
    const none = watched([], { every: 0 });
    expect(await none.after(5)).toMatchObject({ step: 5 });
    expect(none.told).toEqual([]);
    expect([none.watch.klWeight, none.watch.rewardThreshold]).toEqual([0.1, 0.2]);
  });

  it('say nothing where no question fits: nothing passes by it and nothing is changed', async () => {
    const { watch, after, restored, told } = watched([null, true]);
    await after(1);
    expect(watch.record).toMatchObject({ tests: 1, failed: 0, passedAt: 0 });
    expect(told).toContain('anti_theater/all_passed null @101');
    await after(2);
    expect(restored()).toEqual(['param/table := -1', 'ema/table := -1']);
  });

  it.each([
    ['go-on', 0, 0.1, 0.2, false],
    ['raise-kl', 0, 0.2, 0.2, false],
    ['raise-reward-threshold', 0, 0.1, 0.3, false],
    ['roll-back', 2, 0.1, 0.2, false],
    ['stop', 0, 0.1, 0.2, true],
  ] as const)('leave it to whoever listens: %s', async (says, writes, kl, threshold, stopped) => {
    const { watch, after, restored } = watched([true], { says });
    expect((await after(1)).stoppedEarly).toBe(stopped);
    expect(restored()).toHaveLength(writes);
    expect(watch.klWeight).toBeCloseTo(kl, 12);
    expect(watch.rewardThreshold).toBeCloseTo(threshold, 12);
    expect(watch.record.stopped).toBe(stopped);
  });

  it('know from a checkpoint what they knew before', async () => {
    const before = watched([false, true]);
    await before.after(1);
    await before.after(2);
    const resumed = watched([true]);
    resumed.watch.restore(
      JSON.parse(JSON.stringify(before.watch.state())),
      JSON.parse(JSON.stringify(before.watch.tensors()), (key, value: unknown) =>
        key === 'data' ? Float32Array.from(Object.values(value as object) as number[]) : value,
      ) as TensorDict,
    );
    expect(resumed.watch.klWeight).toBe(before.watch.klWeight);
    await resumed.after(3);
    expect(resumed.watch.record).toMatchObject({ tests: 3, thoughts: 15 });
    expect(resumed.restored()).toEqual(['param/table := 1', 'ema/table := 1']);
    expect(watched([]).watch.state()).toEqual(NO_THEATER);
    expect(watched([]).watch.tensors()).toEqual({});
  });
});

describe('what a small test finds', () => {
  const RECORDS = Array.from({ length: 16 }, () => record());
  const written = RECORDS.map((_, i) => thought([1, 2, 3, 4, 5, 10 + i]));
  const finding = (
    arms: Parameters<typeof examined>[1],
    thoughts = written,
  ): Omit<TheaterFinding, 'thoughts'> => {
    const { arms: asked } = examined(RECORDS, arms, thoughts);
    const report = theaterReport(
      { arms: asked },
      {
        required: ['T2_ablation', 'T4_length', 'T6_repetition'],
        ...{ against: ['without', 'other'], minItems: 1, sure: false, resamples: 100 },
      },
    );
    return findingOf(
      report,
      asked.thoughts.map(({ ids }) => ids),
    );
  };
  const [all, half, none] = ['r'.repeat(16), 'r'.repeat(8) + 'w'.repeat(8), 'w'.repeat(16)];
  // One of sixteen better: no interval of so few would show it.
  const little = `${'r'.repeat(9)}${'w'.repeat(7)}`;

  it('passes thoughts that help, though so few questions prove nothing', () => {
    expect(finding({ with: little, without: half, other: half })).toMatchObject({
      ...{ theater: false, alerts: [] },
      measured: { ablation_drop: 1 / 16, length: 6, accuracy_other: 0.5, diversity: null },
    });
  });

  it.each([
    ['do not help', { with: half, without: half, other: none }, written, /0 is not > 0.02/],
    [
      'help no more than those of others',
      { with: all, without: none, other: all },
      written,
      /not better than other/,
    ],
    [
      'are short',
      { with: all, without: none, other: none },
      written.map((_, i) => thought([1, 2, i])),
      /T4_length: 3/,
    ],
    [
      'repeat themselves',
      { with: all, without: none, other: none },
      written.map((_, i) => thought([i, i, i, i, i, i, i, i])),
      /T6_repetition/,
    ],
  ] as const)('finds thoughts that %s', (_, arms, thoughts, message) => {
    const { theater, alerts: told } = finding(arms, [...thoughts]);
    expect(theater).toBe(true);
    expect(told.map((alert) => alert.message)).toContainEqual(expect.stringMatching(message));
  });

  it('finds thoughts that are all the same', () => {
    const { theater, alerts: told } = finding(
      { with: all, without: none, other: none },
      written.map(() => thought([1, 2, 3, 4, 5, 6])),
    );
    expect(theater).toBe(true);
    expect(told).toEqual([expect.objectContaining({ trouble: 'repeated-thoughts' })]);
  });

  it('says nothing of no question', () => {
    const { arms } = examined([], {});
    expect(findingOf(theaterReport({ arms }, { required: ['T2_ablation'] }), []).theater).toBeNull();
  });
});
