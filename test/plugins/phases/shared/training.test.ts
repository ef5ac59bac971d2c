import type { MetricValue } from '../../../../core/contracts/metrics.js';
import type { ModelShape } from '../../../../plugins/phases/shared/model/shape.js';
import type { TrainingStage } from '../../../../plugins/phases/shared/options.js';
import { counted, WorkShares } from '../../../../plugins/phases/shared/progress.js';
import { Calibration, haltingFacts } from '../../../../plugins/phases/shared/training/calibration.js';
import { StepMeter, trainingMetrics } from '../../../../plugins/phases/shared/training/meter.js';
import { shapeSchedule, type ShapeSchedule } from '../../../../plugins/phases/shared/training/stages.js';
import { checkpointBytes, trainingNeeds } from '../../../../plugins/phases/shared/training/needs.js';
import { LOOP_START, type StepResult } from '../../../../nn/training/index.js';

function shape(memoryBytes?: number): ModelShape {
  const init = { kind: 'constant', value: 0 } as const;
  return {
    architecture: { ...(memoryBytes === undefined ? {} : { memoryBytes: () => memoryBytes }) },
    config: { architecture: 'test', hyperparameters: {} },
    tensors: [
      { name: 'a', shape: [2, 3], role: 'ffn-up', init },
      { name: 'b', shape: [4], role: 'bias', init },
    ],
  } as unknown as ModelShape;
}

test('training needs nine copies of ten parameters, eleven with accumulation, and the activations', () => {
  const batch = { rows: 1, length: 8 };
  expect(trainingNeeds(shape(1000), { ...batch, accumulation: 1 })).toEqual({ memoryBytes: 360 + 1000 });
  expect(trainingNeeds(shape(1000), { ...batch, accumulation: 2 })).toEqual({ memoryBytes: 440 + 1000 });
});

test('training in stages needs the activations of each of its shapes', () => {
  const memoryBytes = (_config: unknown, { rows, length }: { rows: number; length: number }): number =>
    rows * length * length;
  const facts = () => ({ recursion_steps: 2 });
  const model = { ...shape(), architecture: { memoryBytes, facts } } as unknown as ModelShape;
  const needs = (stages: TrainingStage[]): number | null =>
    trainingNeeds(model, { rows: 2, length: 32, accumulation: 1, stages }).memoryBytes;
  // 8 * 16^2 = 2048, 4 * 32^2 = 4096, 2 * 32^2 = 2048.
  const first = { until: 0.25, rows: 8, length: 16 };
  expect(needs([first, { until: 0.5, rows: 4 }])).toBe(360 + 2048 + 4096 + 2048);
  // One program for the first two, and the run's own for two steps of two.
  expect(needs([first, { ...first, until: 0.5 }, { until: 0.75, steps: 2 }])).toBe(360 + 2048 + 2048);
  expect(needs([{ until: 0.75, steps: [1, 2] }])).toBe(360 + 2048 + 2048);
});

test('what an architecture does not say is not known, and never 0', () => {
  expect(trainingNeeds(shape(), { rows: 1, length: 8, accumulation: 1 })).toEqual({
    memoryBytes: null,
    unknown: 'test does not say what its activations need',
  });
});

test('three checkpoints and one being written hold four copies each, the best weights one', () => {
  expect(checkpointBytes(10, { keepCheckpoints: 3 })).toBe(4 * 10 * (4 * 4 + 1));
});

describe('a meter', () => {
  const shapes = (tokens: number): ShapeSchedule =>
    shapeSchedule(
      { rows: 1, length: tokens, accumulation: 1 },
      { totalSteps: 200, recursionSteps: 1, seed: 1 },
    );

  test('that goes on from a checkpoint tells the mean an unbroken one tells', () => {
    const averages = (
      losses: readonly number[],
      crossEntropies: readonly number[],
      first: number,
    ): unknown[] => {
      const told: unknown[] = [];
      const meter = new StepMeter(
        {
          metric: (name, value) => {
            if (name === 'm/train/loss_avg_100') told.push(value);
          },
          progress: () => undefined,
        },
        {
          name: 'm',
          prefix: 'm',
          shapes: shapes(1),
          lastStep: 200,
          learningRate: 1,
          losses,
        },
      );
      for (const [i, loss] of crossEntropies.entries())
        meter.step(result(loss), { ...LOOP_START, step: first + i + 1 }, 1);
      return [told.at(-1), meter.recentLosses()];
    };
    const losses = Array.from({ length: 150 }, (_, i) => i);
    const [, kept] = averages([], losses.slice(0, 120), 0);
    expect(averages(kept as number[], losses.slice(120), 120)).toEqual(averages([], losses, 0));
  });

  test('in stages leaves out the first step of each shape, and tells the time left by what is left to do', () => {
    const told: Record<string, MetricValue[]> = {};
    const left: unknown[] = [];
    let now = 0;
    const meter = new StepMeter(
      {
        metric: (name, value) => void (told[name] ??= []).push(value),
        progress: ({ etaSeconds }) => void left.push(etaSeconds),
      },
      {
        ...{ name: 'a', prefix: 'm', lastStep: 6, learningRate: 1 },
        // Two updates of 50 tokens, half an update each; then four of 100.
        shapes: shapeSchedule(
          { rows: 2, length: 50, accumulation: 1, stages: [{ until: 1 / 3, rows: 1 }] },
          { totalSteps: 6, recursionSteps: 1, seed: 1 },
        ),
      },
      () => now,
    );
    for (const [i, seconds] of [9, 1, 9, 1].entries()) {
      now += seconds * 1000;
      meter.step(result(1), { ...LOOP_START, step: i + 1 }, 1);
    }
    expect(told['train/tokens']).toEqual([50, 100, 200, 300]);
    // 50 tokens in 1 s; then 0.8 * 50 + 0.2 * 100 tokens a step.
    expect(told['system/tokens_per_second']).toEqual([50, 50, expect.closeTo(60, 9)]);
    // Half an update a second and four to do; then 0.8 * 0.5 + 0.2 * 1 of an update a second.
    expect(left).toEqual([null, 8, 6, expect.closeTo(2 / 0.6, 9)]);
    expect(meter.tokensPerSecond()).toBe(50);
  });

  const result = (loss: number): StepResult => ({
    ...{ loss, crossEntropy: loss, accuracy: 0, gradNorm: 2, skipped: false },
    metrics: { 'loss/total': loss },
  });

  test('tells loss, mean, true learning rate, and speed by its clock without the first step', () => {
    const told: Record<string, MetricValue[]> = {};
    const progress: unknown[] = [];
    let now = 0;
    const meter = new StepMeter(
      {
        metric: (name, value) => void (told[name] ??= []).push(value),
        progress: (event) => void progress.push([event.done, event.etaSeconds, event.phaseFraction]),
      },
      {
        ...{ name: 'a', prefix: 'model_1', shapes: shapes(100), lastStep: 4 },
        ...{ learningRate: 0.02, fraction: (step) => step / 8 },
      },
      () => now,
    );
    for (const [step, seconds] of [5, 1, 2].entries()) {
      now += seconds * 1000;
      meter.step(result(step + 1), { ...LOOP_START, step: step + 1 }, 0.5);
    }
    expect(meter.heldOut(3, 7)).toBe(7);
    expect(told['model_1/train/loss']).toEqual([1, 2, 3]);
    expect(told['model_1/train/loss_avg_100']).toEqual([1, 1.5, 2]);
    expect(told['model_1/train/learning_rate']).toEqual([0.01, 0.01, 0.01]);
    expect(told['loss/total']).toEqual([1, 2, 3]);
    expect(told['valid/loss']).toEqual([7]);
    // 100 tokens in 1 s; then 0.8 * 1 s + 0.2 * 2 s a step.
    expect(told['system/tokens_per_second']).toEqual([100, expect.closeTo(100 / 1.2, 9)]);
    expect(progress).toEqual([
      [1, null, 1 / 8],
      [2, 2, 2 / 8],
      [3, expect.closeTo(1.2, 9), 3 / 8],
    ]);
    expect(meter.tokensPerSecond()).toBe(50);
    expect(Object.keys(trainingMetrics('x'))).toContain('x/train/gradient_norm');
  });
});

describe('calibration', () => {
  test('follows accuracy and halting probability of each step', () => {
    const calibration = new Calibration();
    const observe = (a: number, q: number): void =>
      calibration.observe({ 'act/acc_step0': a, 'act/halt_prob_step0': q });
    observe(0.5, 0.25);
    observe(1, 0.75);
    observe(NaN, 0.5);
    const { accuracy, probability } = calibration.state();
    expect(accuracy![0]).toBeCloseTo(0.98 * 0.5 + 0.02, 12);
    expect(probability![0]).toBeCloseTo(0.98 * 0.25 + 0.02 * 0.75, 12);
    expect(haltingFacts(calibration.state(), 0.9)).toEqual({ threshold: 0.9, accuracy, probability });
  });

  test('a model that does not halt by itself has no rule', () => {
    const calibration = new Calibration();
    calibration.observe({ 'act/acc_step0': 0.5 });
    expect(haltingFacts(calibration.state(), 0.9)).toBeNull();
  });
});

test('shares of work never go back and end at one', () => {
  const shares = new WorkShares([
    { name: 'first', cost: 0 },
    { name: 'second', cost: 30 },
    { name: 'third', cost: 10 },
  ]);
  expect([shares.at('first', 1), shares.at('second', 0.5), shares.at('second', 1)]).toEqual([0, 0.375, 0.75]);
  expect([shares.at('third', 0), shares.at('third', 2)]).toEqual([0.75, 1]);
});

test('counted work tells its share and lets a pause leave after each piece', async () => {
  const told: unknown[] = [];
  const ctx = {
    progress: ({ done, total, phaseFraction }: { done: number; total: number; phaseFraction?: number }) =>
      void told.push([done, total, phaseFraction]),
    pausePoint: async () => void told.push('pause'),
  };
  const done = counted(ctx, { task: 't', total: 4, unit: 'batch', fraction: (share) => share / 2 });
  await done(1);
  await done(4);
  expect(told).toEqual([[1, 4, 0.125], 'pause', [4, 4, 0.5], 'pause']);
});
