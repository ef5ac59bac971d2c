import type { Architecture } from '../../../../core/contracts/architecture.js';
import type { Resolver } from '../../../../plugins/phases/shared/model/shape.js';
import {
  constants,
  mergeConstants,
  mergeHalting,
} from '../../../../plugins/phases/evomerge/family/constants.js';

const halting = (threshold: number, ...accuracy: number[]) => ({
  ...{ threshold, accuracy, probability: accuracy.map((value) => value / 2) },
});

test('thresholds and calibrations are averaged, step by step', () => {
  expect(mergeHalting([halting(0.5, 0.2, 0.4), halting(0.7, 0.4, 0.8)])).toEqual({
    threshold: 0.6,
    accuracy: [expect.closeTo(0.3, 12), expect.closeTo(0.6, 12)],
    probability: [expect.closeTo(0.15, 12), expect.closeTo(0.3, 12)],
  });
});

test('nothing halts unless all do, and nothing is calibrated unless all are', () => {
  expect(mergeHalting([null, null])).toBeNull();
  expect(mergeHalting([halting(0.5, 0.2), null])).toBeNull();
  const bare = { threshold: 0.7, accuracy: null, probability: null };
  expect(mergeHalting([halting(0.5, 0.2), bare])).toEqual({ ...bare, threshold: 0.6 });
});

test('models that ran different numbers of steps are calibrated in those that all of them ran', () => {
  expect(mergeHalting([halting(0.5, 0.2), halting(0.7, 0.4, 0.8)])).toEqual({
    threshold: 0.6,
    accuracy: [expect.closeTo(0.3, 12)],
    probability: [expect.closeTo(0.15, 12)],
  });
});

describe('hyper-parameters', () => {
  const merged = (own: Partial<Architecture>, ...configs: Record<string, unknown>[]) => {
    const architecture = { configSchema: {}, describe: () => [], ...own } as unknown as Architecture;
    const ctx = {
      resolve: () => architecture,
      validate: (_schema: object, value: unknown) => value,
    } as unknown as Resolver;
    const models = configs.map((config) => constants(config, null));
    return mergeConstants(ctx, { name: 'test', architecture }, models).hyperparameters;
  };

  test('are merged as their architecture says', () => {
    const mergeConfigs: Architecture['mergeConfigs'] = (configs) => ({ models: configs.length });
    expect(merged({ mergeConfigs }, { a: 1 }, { a: 3 })).toEqual({ models: 2 });
  });

  test('must be equal where it says nothing', () => {
    expect(merged({}, { a: 1 }, { a: 1 })).toEqual({ a: 1 });
    expect(() => merged({}, { a: 1 }, { a: 2 })).toThrow(/no rule|differ in their hyper-parameters/);
  });
});
