import fc from 'fast-check';
import { scheduleOf } from '../../../../plugins/phases/shared/training/trainer.js';
import { requireStages, stageProblems } from '../../../../plugins/phases/shared/training/stage-problems.js';
import { shapeSchedule, type ShapeOptions } from '../../../../plugins/phases/shared/training/stages.js';
import type { ModelShape } from '../../../../plugins/phases/shared/model/shape.js';

const RUN: ShapeOptions = { rows: 16, length: 128, accumulation: 2 };
const GROWN: ShapeOptions = {
  ...RUN,
  stages: [
    { until: 0.5, rows: 32, length: 64, steps: 1 },
    { until: 0.8, steps: [1, 2, 3] },
  ],
};
const whole = { totalSteps: 10, recursionSteps: 3, seed: 7 };

test('a run without stages has its own shape and all steps throughout', () => {
  const shapes = shapeSchedule(RUN, whole);
  for (const step of [1, 5, 10, 11]) expect(shapes.at(step)).toEqual({ rows: 16, length: 128 });
  expect([shapes.tokensAt(3), shapes.tokensUpTo(3), shapes.workUpTo(3)]).toEqual([4096, 12288, 3]);
});

test('stages end at their share of the updates; what they do not name is that of the run', () => {
  const { at } = shapeSchedule(GROWN, whole);
  for (const step of [1, 5]) expect(at(step)).toEqual({ rows: 32, length: 64, steps: 1 });
  for (const step of [6, 7, 8]) expect(at(step)).toMatchObject({ rows: 16, length: 128 });
  for (const step of [9, 10, 999]) expect(at(step)).toEqual({ rows: 16, length: 128 });
});

test('all steps are never named, so that one program serves them', () => {
  const { at } = shapeSchedule({ ...RUN, stages: [{ until: 1, steps: 3 }] }, whole);
  expect(at(1)).toEqual({ rows: 16, length: 128 });
});

test('numbers of steps are drawn for each update, by seed and update alone', () => {
  const stages = [{ until: 1, steps: [1, 2, 3] }];
  const draw = (seed: number): number[] => {
    const { at } = shapeSchedule({ ...RUN, stages }, { totalSteps: 3000, recursionSteps: 3, seed });
    return Array.from({ length: 3000 }, (_, i) => at(i + 1).steps ?? 3);
  };
  const drawn = draw(7);
  expect(draw(7)).toEqual(drawn);
  expect(draw(8)).not.toEqual(drawn);
  for (const k of [1, 2, 3]) expect(drawn.filter((steps) => steps === k).length / 1000).toBeCloseTo(1, 0.8);
});

test('work is counted in updates of the whole shape; a step costs a third of the layers', () => {
  const { workUpTo } = shapeSchedule(GROWN, whole);
  // As many tokens; (1 + 1/3) / (1 + 3/3) for one step, (1 + 2/3) / 2 for two on average.
  expect(workUpTo(5)).toBeCloseTo(5 * (2 / 3), 12);
  expect(workUpTo(8)).toBeCloseTo(5 * (2 / 3) + 3 * (5 / 6), 12);
  expect(workUpTo(10)).toBeCloseTo(5 * (2 / 3) + 3 * (5 / 6) + 2, 12);
});

test('stages cover all updates exactly once, whatever their shares', () => {
  const share = fc.double({ min: 0.001, max: 1, noNaN: true });
  const stages = fc.uniqueArray(share, { maxLength: 5 }).map((all) =>
    // Each stage is told by its rows.
    [...all].sort((a, b) => a - b).map((until, i) => ({ until, rows: i + 1 })),
  );
  fc.assert(
    fc.property(stages, fc.integer({ min: 1, max: 300 }), (parts, totalSteps) => {
      const shapes = shapeSchedule(
        { rows: 99, length: 1, accumulation: 1, stages: parts },
        { ...whole, totalSteps },
      );
      let [tokens, work, stage] = [0, 0, 0];
      for (let step = 1; step <= totalSteps; step++) {
        const { rows } = shapes.at(step);
        expect(rows).toBeGreaterThanOrEqual(stage);
        stage = rows;
        const place = rows === 99 ? parts.length : rows - 1;
        expect(step).toBeGreaterThan(Math.round((parts[place - 1]?.until ?? 0) * totalSteps));
        expect(step).toBeLessThanOrEqual(Math.round((parts[place]?.until ?? Infinity) * totalSteps));
        tokens += shapes.tokensAt(step);
        expect(shapes.tokensUpTo(step)).toBe(tokens);
        expect(shapes.workUpTo(step)).toBeGreaterThan(work);
        work = shapes.workUpTo(step);
      }
    }),
  );
});

describe('stages that cannot be', () => {
  const model = (recursionSteps?: number): Pick<ModelShape, 'architecture' | 'config'> => ({
    architecture: {
      facts: () => (recursionSteps === undefined ? {} : { recursion_steps: recursionSteps }),
    } as unknown as ModelShape['architecture'],
    config: { architecture: 'model', hyperparameters: {} },
  });
  const found = (stages: ShapeOptions['stages'] & object, steps?: number, weights?: number[]) =>
    stageProblems({ length: 128, stages }, model(steps), 'training', weights).map(({ at, message }) => [
      at,
      message,
    ]);

  test('are named with what is wrong', () => {
    expect(found([{ until: 0.5, length: 64, steps: [1, 3] }, { until: 1 }], 3)).toEqual([]);
    expect(found([{ until: 0.5 }, { until: 0.5 }])).toEqual([
      ['training.stages[1].until', 'the stage is over before it begins'],
    ]);
    expect(found([{ until: 0.5, length: 48 }])).toEqual([
      ['training.stages[0].length', "the run's rows cannot be cut into rows of this length"],
    ]);
    expect(found([{ until: 0.5, length: 256 }])).toHaveLength(1);
    expect(found([{ until: 0.5, steps: [1, 4] }], 3)).toEqual([
      ['training.stages[0].steps', 'model has not so many recursion steps'],
    ]);
    expect(found([{ until: 0.5, steps: 1 }])).toEqual([]);
    expect(found([{ until: 0.5, steps: [1, 2] }])).toEqual([
      ['training.stages[0].steps', 'model has no recursion'],
    ]);
    expect(found([{ until: 0.5, steps: [1, 2] }], 3, [0, 1, 1])).toEqual([
      ['training.stages[0].steps', 'the loss of the first 1 steps weighs nothing'],
    ]);
  });

  test('are refused where nobody planned', () => {
    const training = { length: 128, stages: [{ until: 0.5, steps: 4 }] };
    expect(() => requireStages(training, model(3))).toThrow(
      expect.objectContaining({ code: 'AF_CONFIG_INVALID' }),
    );
    expect(() => requireStages(training, model(4))).not.toThrow();
  });
});

test('the learning rate falls as the options have it', () => {
  const options = { warmupSteps: 10, floor: 0.2, cooldown: 0.4 } as const;
  const at = (schedule: 'cosine' | 'linear' | 'constant-then-linear'): number[] =>
    [5, 60, 80, 110].map(scheduleOf({ ...options, schedule }, 110));
  const close = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 9));
  // Half way: 0.2 + 0.8 / 2. At 80 the cosine is at cos(0.7 pi), the line at 0.7, the cool-down at 14 of 44.
  expect(at('cosine')).toEqual(close([0.5, 0.6, 0.2 + 0.4 * (1 + Math.cos(0.7 * Math.PI)), 0.2]));
  expect(at('linear')).toEqual(close([0.5, 0.6, 1 - 0.8 * 0.7, 0.2]));
  expect(at('constant-then-linear')).toEqual(close([0.5, 1, 1 - 0.8 * (14 / 44), 0.2]));
});
