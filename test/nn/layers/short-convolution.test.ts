import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { earlierTokens, sameDocument, shortConvolution } from '../../../nn/layers/index.js';
import { largestDifference } from '../../support/close.js';
import { describeOnEngines, floats, integers, useCpuBackend } from '../../support/engines.js';
import { gaussianTensor, valueAndGradients } from '../../support/gradients.js';

/** x_{t-j} by definition: one row after the other. @param finds row that tap j of row t reads, or null */
function byDefinition(
  x: Tensor3D,
  kernel: Tensor2D,
  finds: (row: number, t: number, j: number) => number | null,
): Tensor {
  const [rows, length, channels] = x.shape;
  const at = (row: number, t: number): Tensor => tf.reshape(tf.slice(x, [row, t, 0], [1, 1, -1]), [channels]);
  const tap = (j: number): Tensor => tf.reshape(tf.slice(kernel, [j, 0], [1, -1]), [channels]);
  const token = (row: number, t: number): Tensor => {
    let sum = at(row, t);
    for (let j = 0; j < kernel.shape[0]; j++) {
      const read = j === 0 ? t : finds(row, t, j);
      if (read !== null) sum = tf.add(sum, tf.mul(tap(j), at(row, read)));
    }
    return sum;
  };
  const all = Array.from({ length: rows * length }, (_, i) => token(Math.floor(i / length), i % length));
  return tf.reshape(tf.stack(all), [rows, length, channels]);
}

describeOnEngines('short convolution', (compute) => {
  async function convolve(
    x: readonly number[],
    kernel: readonly number[],
    segments: readonly number[],
    channels: number,
    extra: { readonly mask?: readonly number[]; readonly positions?: readonly number[] } = {},
  ): Promise<number[]> {
    const length = segments.length;
    const width = kernel.length / channels;
    const { mask, positions } = extra;
    const inputs = {
      x: floats(x, [1, length, channels]),
      kernel: floats(kernel, [width, channels]),
      segments: integers(segments, [1, length]),
      ...(mask && { mask: floats(mask, [1, length, length]) }),
      ...(positions && { positions: integers(positions, [1, length]) }),
    };
    const found = await compute(inputs, (t) => {
      const same = sameDocument(t['segments'] as Tensor2D);
      const visible = mask === undefined ? same : (tf.mul(same, t['mask']!) as Tensor3D);
      const earlier = earlierTokens(visible, width, t['positions'] as Tensor2D | undefined);
      return { y: shortConvolution(t['x'] as Tensor3D, t['kernel'] as Tensor2D, earlier) };
    });
    return [...found['y']!.data];
  }

  // Two channels, w = 2: c_0 = (0.5, -1), c_1 = (2, 10). y_t = x_t + c_0 x_t + c_1 x_{t-1} in one document:
  // t = 0: (1, 2) + (0.5, -2)            = (1.5, 0)
  // t = 1: (3, 4) + (1.5, -4) + (2, 20)  = (6.5, 20)
  // t = 2: (5, 6) + (2.5, -6) + (6, 40)  = (13.5, 40)
  const X = [1, 2, 3, 4, 5, 6];
  const KERNEL = [0.5, -1, 2, 10];

  test('numbers worked out by hand', async () => {
    expect(await convolve(X, KERNEL, [0, 0, 0], 2)).toEqual([1.5, 0, 6.5, 20, 13.5, 40]);
  });

  test('reads nothing of another document', async () => {
    expect(await convolve(X, KERNEL, [0, 0, 1], 2)).toEqual([1.5, 0, 6.5, 20, 7.5, 0]);
  });

  test('reads nothing that the mask hides', async () => {
    const mask = [1, 0, 0, 0, 1, 0, 1, 1, 1];
    expect(await convolve(X, KERNEL, [0, 0, 0], 2, { mask })).toEqual([1.5, 0, 4.5, 0, 13.5, 40]);
  });

  test('counts places in the positions that are given', async () => {
    // Both later tokens stand after the first; the third would read the second in a row without positions.
    const positions = [0, 1, 1];
    // t = 2: (7.5, 0) + c_1 (1, 2) = (9.5, 20)
    expect(await convolve(X, KERNEL, [0, 0, 0], 2, { positions })).toEqual([1.5, 0, 6.5, 20, 9.5, 20]);
  });

  test('is the identity with a kernel of zeros, whatever its width', async () => {
    for (const width of [1, 2, 8])
      expect(await convolve(X, new Array<number>(2 * width).fill(0), [0, 0, 0], 2)).toEqual(X);
  });

  test('a kernel wider than the text reads what is there', async () => {
    // Three taps of one channel: y_1 = x_1 + 3 x_0, and x_{-1} is none.
    expect(await convolve([1, 10], [0, 3, 7], [0, 0], 1)).toEqual([1, 13]);
  });
});

describe('the gradient of a short convolution', () => {
  useCpuBackend();
  const segments = [
    [0, 0, 0, 1, 1],
    [0, 0, 0, 0, 0],
  ];

  function expectSame(ours: (x: Tensor, c: Tensor) => Tensor, plain: (x: Tensor, c: Tensor) => Tensor): void {
    const args = [gaussianTensor('x', [2, 5, 3]), gaussianTensor('kernel', [3, 3])];
    const found = valueAndGradients((a, c) => ours(a!, c!), args);
    const expected = valueAndGradients((a, c) => plain(a!, c!), args);
    found.forEach((values, i) => expect(largestDifference(values, expected[i]!)).toBeLessThan(1e-5));
  }

  test('is that of its definition over rows of documents', () => {
    const earlier = earlierTokens(sameDocument(tf.tensor2d(segments, [2, 5], 'int32')), 3);
    expectSame(
      (a, c) => shortConvolution(a as Tensor3D, c as Tensor2D, earlier),
      (a, c) =>
        byDefinition(a as Tensor3D, c as Tensor2D, (row, t, j) =>
          t >= j && segments[row]![t - j] === segments[row]![t] ? t - j : null,
        ),
    );
  });

  test('is that of its definition where a token is read by two', () => {
    const positions = [0, 1, 2, 1, 2];
    const readBy = [null, 0, 1, 0, 3];
    const branch = [0, 1, 1, 2, 2];
    const sees = (t: number, s: number): boolean => s === 0 || branch[s] === branch[t];
    const visible = tf.tensor3d(
      [0, 1].flatMap(() => positions.flatMap((_, t) => positions.map((__, s) => (sees(t, s) ? 1 : 0)))),
      [2, 5, 5],
    );
    const earlier = earlierTokens(visible, 3, tf.tensor2d([...positions, ...positions], [2, 5], 'int32'));
    expectSame(
      (a, c) => shortConvolution(a as Tensor3D, c as Tensor2D, earlier),
      (a, c) =>
        byDefinition(a as Tensor3D, c as Tensor2D, (_row, t, j) => {
          const one = readBy[t] ?? null;
          return j === 1 || one === null ? one : readBy[one]!;
        }),
    );
  });
});
