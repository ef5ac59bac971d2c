import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { averageWeights, muonScale, warmupCosine, warmupLinear } from '../../../nn/optim/index.js';
import { useCpuBackend } from '../../support/engines.js';

const plan = { warmupSteps: 2000, totalSteps: 100_000, finalScale: 0.1 };

describe('warm-up and cosine', () => {
  it.each([
    [1, 1 / 2000],
    [1000, 0.5],
    [2000, 1],
    [51_000, 0.55],
    [100_000, 0.1],
    [150_000, 0.1],
  ])('at update %i is %f', (step, expected) => {
    expect(warmupCosine(step, plan)).toBeCloseTo(expected, 10);
  });

  it('starts at full rate without a warm-up', () => {
    expect(warmupCosine(1, { warmupSteps: 0, totalSteps: 1_000_000, finalScale: 0.1 })).toBeCloseTo(1, 6);
  });

  it('stays within (0, 1] and falls after the warm-up', () => {
    const settings = fc.record({
      warmupSteps: fc.integer({ min: 0, max: 50 }),
      totalSteps: fc.integer({ min: 1, max: 300 }),
      finalScale: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 400 }), (schedule, step) => {
        const [now, next] = [warmupCosine(step, schedule), warmupCosine(step + 1, schedule)];
        const rising = step < schedule.warmupSteps;
        return now >= 0 && now <= 1 && (rising ? next > now : next <= now + 1e-12);
      }),
    );
  });
});

describe('warm-up and straight lines', () => {
  const run = { warmupSteps: 10, totalSteps: 110, finalScale: 0.2 };

  it.each([
    [1, 0.1],
    [10, 1],
    [11, 1 - 0.8 / 100],
    [60, 0.6],
    [110, 0.2],
    [500, 0.2],
  ])('without a cool-down of its own, update %i is at %f', (step, expected) => {
    expect(warmupLinear(step, run)).toBeCloseTo(expected, 12);
  });

  it.each([
    [5, 0.5],
    [10, 1],
    [70, 1],
    [71, 0.98],
    [90, 0.6],
    [110, 0.2],
    [111, 0.2],
  ])('with a cool-down of 40 updates, update %i is at %f', (step, expected) => {
    expect(warmupLinear(step, { ...run, cooldownSteps: 40 })).toBeCloseTo(expected, 12);
  });

  it('a cool-down that is longer than what the warm-up leaves begins where that ends', () => {
    const whole = { ...run, cooldownSteps: 110 };
    for (const step of [1, 10, 11, 60, 110]) expect(warmupLinear(step, whole)).toBe(warmupLinear(step, run));
  });
});

describe('scale of the orthogonal update', () => {
  it.each([
    ['jordan', 512, 512, 1],
    ['jordan', 512, 2048, 2],
    ['jordan', 2048, 512, 1],
    ['moonlight', 512, 576, 0.2 * 24],
    ['moonlight', 1024, 256, 0.2 * 32],
  ] as const)('%s for [%i, %i] is %f', (scale, inputs, outputs, expected) => {
    expect(muonScale(scale, inputs, outputs)).toBeCloseTo(expected, 10);
  });
});

describe('weight average', () => {
  useCpuBackend();

  it('moves by 1 - decay towards the value', () => {
    tf.tidy(() => {
      const [average, value] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 2])];
      const moved = averageWeights({ w: average }, { w: value }, 0.75);
      expect(Array.from(moved['w']!.dataSync())).toEqual([1.5, 2]);
    });
  });

  it('names a weight without an average', () => {
    tf.tidy(() => expect(() => averageWeights({}, { w: tf.scalar(1) }, 0.9)).toThrow('no average of w'));
  });
});
