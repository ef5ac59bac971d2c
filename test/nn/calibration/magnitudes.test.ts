import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs';
import { magnitudeHistogram } from '../../../nn/calibration/magnitudes.js';
import { magnitudePercentile } from '../../../nn/calibration/index.js';
import { useCpuBackend } from '../../support/engines.js';

useCpuBackend();

const histogramOf = (sizes: readonly number[]): Float32Array =>
  tf.tidy(() =>
    magnitudeHistogram(
      tf.tensor2d([...sizes], [sizes.length, 1]),
      tf.ones([sizes.length]),
    ).dataSync<'float32'>(),
  );

test('a percentile is that of the sorted numbers, to half a bin', () => {
  const size = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(size, { minLength: 1, maxLength: 64 }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      (sizes, percent) => {
        const sorted = sizes.map(Math.fround).sort((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil((sorted.length * percent) / 100)) - 1]!;
        const found = magnitudePercentile(histogramOf(sizes), percent);
        // Numbers on the edge of a bin may fall into the one beside it.
        expect(Math.abs(Math.log2(found / exact))).toBeLessThan(0.5 / 16 + 1e-4);
      },
    ),
  );
});

test('zeros are zero, and what does not count does not', () => {
  expect(magnitudePercentile(histogramOf([0, 0, 0, 5]), 75)).toBe(0);
  expect(magnitudePercentile(histogramOf([0, 0, 0, 5]), 76)).toBeCloseTo(5, 0);
  expect(magnitudePercentile([], 50)).toBe(0);
  const weighted = tf.tidy(() =>
    magnitudeHistogram(tf.tensor2d([1, 100, 1, 100], [4, 1]), tf.tensor1d([1, 0, 1, 0])).dataSync(),
  );
  expect(magnitudePercentile(weighted, 100)).toBeCloseTo(1, 1);
});

test('of many tokens some are taken, at all places of rows of a power of two', () => {
  const tokens = Array.from({ length: 4096 }, (_, i) => 2 ** ((i % 256) / 16 - 8));
  const histogram = histogramOf(tokens);
  const counted = histogram.reduce((sum, count) => sum + count, 0);
  expect(counted).toBeGreaterThan(60);
  expect(counted).toBeLessThanOrEqual(64);
  expect(new Set([...histogram.keys()].filter((bin) => histogram[bin]! > 0)).size).toBeGreaterThan(48);
});
