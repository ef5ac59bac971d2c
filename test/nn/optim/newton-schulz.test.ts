import * as tf from '@tensorflow/tfjs';
import type { Tensor2D } from '@tensorflow/tfjs';
import fc from 'fast-check';
import { clipByGlobalNorm, newtonSchulz, orthogonalityError, sumOfSquares } from '../../../nn/optim/index.js';
import { fillNormal, streamKey } from '../../../nn/random/index.js';
import { largestDifference } from '../../support/close.js';
import { describeOnEngines, floats, useCpuBackend } from '../../support/engines.js';

function gaussian(rows: number, columns: number, seed = 1): Float32Array {
  const data = new Float32Array(rows * columns);
  fillNormal(streamKey(seed, 'matrix'), data);
  return data;
}

describeOnEngines('Newton-Schulz', (compute) => {
  const run = async (
    data: ArrayLike<number>,
    shape: readonly number[],
    steps: number,
  ): Promise<ArrayLike<number>> => {
    const found = await compute({ x: floats(data, shape) }, (t) => ({
      y: newtonSchulz(t['x'] as Tensor2D, steps),
    }));
    return found['y']!.data;
  };

  test.each([0.701, 1.1136, 0.7207, 1.09, 0.6964].map((value, i) => [i + 1, value]))(
    'the scalar 1 after %i steps is %f',
    async (steps, expected) => {
      expect((await run([1], [1, 1], steps))[0]).toBeCloseTo(expected, 4);
    },
  );

  test.each([
    [3, 0.682, 1.041],
    [5, 0.753, 1.134],
  ])('diag(3, 1) after %i steps', async (steps, first, second) => {
    const y = await run([3, 0, 0, 1], [2, 2], steps);
    expect(y[0]).toBeCloseTo(first, 3);
    expect(y[3]).toBeCloseTo(second, 3);
    expect(largestDifference([y[1]!, y[2]!], [0, 0])).toBeLessThan(1e-6);
  });

  test('a tall matrix gives the transpose of the wide one', async () => {
    const wide = gaussian(4, 7);
    const tall = Float32Array.from({ length: 28 }, (_, i) => wide[(i % 4) * 7 + Math.floor(i / 4)]!);
    const [a, b] = [await run(wide, [4, 7], 5), await run(tall, [7, 4], 5)];
    const back = Float32Array.from({ length: 28 }, (_, i) => b[(i % 7) * 4 + Math.floor(i / 7)]!);
    expect(largestDifference(a, back)).toBeLessThan(1e-5);
  });

  test('a zero matrix stays zero', async () => {
    expect(Array.from(await run(new Float32Array(6), [2, 3], 5))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('five steps bring a random square matrix to an error of about 0.3', async () => {
    const found = await compute({ x: floats(gaussian(48, 48), [48, 48]) }, (t) => ({
      before: orthogonalityError(t['x'] as Tensor2D),
      after: orthogonalityError(newtonSchulz(t['x'] as Tensor2D, 5)),
    }));
    expect(found['before']!.data[0]).toBeGreaterThan(10);
    expect(found['after']!.data[0]).toBeGreaterThan(0.15);
    expect(found['after']!.data[0]).toBeLessThan(0.45);
  });

  test('gradients are clipped together', async () => {
    const found = await compute({ a: floats([3, 0]), b: floats([4]) }, (t) => {
      const { grads, norm } = clipByGlobalNorm({ a: t['a']!, b: t['b']! }, 1);
      const gentle = clipByGlobalNorm({ a: t['a']!, b: t['b']! }, 10);
      return {
        norm,
        a: grads['a']!,
        b: grads['b']!,
        same: gentle.grads['b']!,
        squares: sumOfSquares(t['a']!),
      };
    });
    expect(found['norm']!.data[0]).toBeCloseTo(5, 5);
    expect(largestDifference(found['a']!.data, [0.6, 0])).toBeLessThan(1e-5);
    expect(found['b']!.data[0]).toBeCloseTo(0.8, 5);
    expect(found['same']!.data[0]).toBe(4);
    expect(found['squares']!.data[0]).toBe(9);
  });
});

describe('Newton-Schulz properties', () => {
  useCpuBackend();
  const run = (data: Float32Array, shape: [number, number]): Float32Array =>
    tf.tidy(() => newtonSchulz(tf.tensor2d(data, shape), 5).dataSync() as Float32Array);

  test('does not see a positive factor', () => {
    const shape = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }));
    fc.assert(
      fc.property(
        shape,
        fc.double({ min: 0.01, max: 1000, noNaN: true }),
        fc.nat(),
        ([m, n], factor, seed) => {
          const data = gaussian(m, n, seed);
          const scaled = data.map((value) => value * factor);
          return largestDifference(run(data, [m, n]), run(scaled, [m, n])) < 2e-3;
        },
      ),
      { numRuns: 40 },
    );
  });

  test('leaves no singular value above 1.3', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.nat(), (m, n, seed) => {
        const y = run(gaussian(m, n, seed), [m, n]);
        // |y x| / |x| for a few x bounds the largest singular value from below.
        const x = gaussian(n, 1, seed + 1);
        const image = Array.from({ length: m }, (_, i) =>
          x.reduce((sum, value, j) => sum + value * y[i * n + j]!, 0),
        );
        return Math.hypot(...image) <= 1.3 * Math.hypot(...x);
      }),
      { numRuns: 40 },
    );
  });
});
