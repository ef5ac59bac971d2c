import * as tf from '@tensorflow/tfjs';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import type { TensorMap } from '../../../core/contracts/tensor.js';
import {
  applyRope,
  asMatrix,
  attentionMask,
  FARTHEST_POSITION,
  ropeAt,
  ropeFar,
  ropeTable,
  sameDocument,
  scaledAttention,
} from '../../../nn/layers/index.js';
import { expectClose, largestDifference } from '../../support/close.js';
import { describeOnEngines, floats, integers, useCpuBackend } from '../../support/engines.js';
import { gaussianTensor } from '../../support/gradients.js';

describeOnEngines('attention mask', (compute) => {
  const segments = [0, 0, 0, 0, 1, 1, 1];
  const allowed = (window: number): number[][] =>
    segments.map((a, i) => segments.map((b, j) => (a === b && i >= j && i - j <= window ? 1 : 0)));

  test.each([
    [2, 256],
    [2, 3],
    [1, 2],
    [Infinity, 3],
  ])(
    'position i sees j iff 0 <= i - j <= %f in the same document; blocks of %i',
    async (window, blockSize) => {
      const inputs = { s: integers(segments, [1, segments.length]) };
      const found = await compute(inputs, (t) => {
        const { blocks } = attentionMask(sameDocument(t['s'] as Tensor2D), window, { blockSize });
        return Object.fromEntries(
          blocks.map(({ start, firstKey, end, additive }) => [`${start} ${firstKey} ${end}`, additive]),
        );
      });
      const seen = segments.map(() => segments.map(() => 0));
      for (const [key, { data }] of Object.entries(found)) {
        const [start, firstKey, end] = key.split(' ').map(Number) as [number, number, number];
        const width = end - firstKey;
        data.forEach((value, at) => {
          expect([0, -1e9]).toContain(value + 0);
          seen[start + Math.floor(at / width)]![firstKey + (at % width)] = value === 0 ? 1 : 0;
        });
      }
      expect(seen).toEqual(allowed(window));
    },
  );

  test('blocks of queries give what one block gives, gradients included', async () => {
    const names = ['q', 'k', 'v'] as const;
    const inputs = Object.fromEntries(
      names.map((name, n) => [
        name,
        floats(
          Array.from({ length: 2 * 7 * 4 }, (_, i) => Math.sin(i * (n + 1))),
          [1, 2, 7, 4],
        ),
      ]),
    );
    const found = await compute({ ...inputs, s: integers(segments, [1, 7]) }, (t) => {
      const run = (blockSize: number): TensorMap => {
        const mask = attentionMask(sameDocument(t['s'] as Tensor2D), 2, { blockSize });
        const attend = (...args: tf.Tensor[]) =>
          scaledAttention(args[0] as Tensor4D, args[1] as Tensor4D, args[2] as Tensor4D, mask, {
            peaks: true,
          });
        const args = names.map((name) => t[name]!);
        const { grads } = tf.valueAndGrads(
          (...inner) => tf.sum(tf.mul(attend(...inner).output, args[0]!)) as tf.Scalar,
        )(args);
        const { output, peak } = attend(...args);
        return { output, peak: peak!, dq: grads[0]!, dk: grads[1]!, dv: grads[2]! };
      };
      const named = (size: number): [string, tf.Tensor][] =>
        Object.entries(run(size)).map(([name, x]) => [`${name} ${size}`, x]);
      return Object.fromEntries([256, 3, 1].flatMap(named));
    });
    for (const name of ['output', 'peak', 'dq', 'dk', 'dv'])
      for (const size of [3, 1]) expectClose(found[`${name} ${size}`]!, found[`${name} 256`]!, 1e-5);
  });

  test('reports the largest visible score of each head, by magnitude', async () => {
    // Scores i*j-like from one-dimensional heads; the largest product overall lies in the future and must not count.
    const q = floats([1, -3, 2, 1, 1, 1], [1, 2, 3, 1]);
    const k = floats([2, 1, 9, -1, 4, 0], [1, 2, 3, 1]);
    const found = await compute({ q, k, s: integers([0, 0, 0], [1, 3]) }, (t) => {
      const mask = attentionMask(sameDocument(t['s'] as Tensor2D), 1);
      const [query, key] = [t['q'] as Tensor4D, t['k'] as Tensor4D];
      return { peak: scaledAttention(query, key, key, mask, { peaks: true }).peak! };
    });
    // Head 0: 1*2, -3*2, -3*1, 2*1, 2*9 -> 18. Head 1: -1, -1, 4, 4, 0 -> 4.
    expectClose(found['peak']!, [18, 4], 1e-5);
  });
});

describe('rotary embedding', () => {
  useCpuBackend();

  test('keeps lengths, and scores depend on the distance alone', () => {
    tf.tidy(() => {
      const table = ropeTable(12, 8, 10000);
      const [q, k] = [gaussianTensor('q', [1, 1, 1, 8]), gaussianTensor('k', [1, 1, 1, 8])];
      const everywhere = (x: tf.Tensor): Tensor4D => applyRope(tf.tile(x as Tensor4D, [1, 12, 1, 1]), table);
      const [rotatedQ, rotatedK] = [everywhere(q).reshape([12, 8]), everywhere(k).reshape([12, 8])];
      const lengths = tf.norm(rotatedQ, 2, 1).dataSync();
      const length = tf.norm(q).dataSync()[0]!;
      for (const found of lengths) expect(found).toBeCloseTo(length, 4);
      const scores = (tf.matMul(rotatedQ, rotatedK, false, true) as Tensor2D).arraySync();
      for (let i = 3; i < 12; i++) expect(scores[i]![i - 3]).toBeCloseTo(scores[3]![0]!, 4);
      expect(Math.abs(scores[3]![0]! - scores[4]![0]!)).toBeGreaterThan(1e-3);
    });
  });

  test('turns a token of each row by a matrix as well', () => {
    tf.tidy(() => {
      const x = gaussianTensor('x', [3, 1, 2, 8]) as Tensor4D;
      const table = ropeAt(ropeTable(12, 8, 100, 0.5), tf.tensor2d([[0], [11], [4]], [3, 1], 'int32'));
      const turned = applyRope(x, asMatrix(table)).dataSync();
      expect(largestDifference(turned, applyRope(x, table).dataSync())).toBeLessThan(1e-6);
    });
  });

  test('knows the angles of far positions', () => {
    tf.tidy(() => {
      const positions = [0, 5, 1023, 1024, 70_001, FARTHEST_POSITION - 1];
      const { cosine, sine } = ropeFar(tf.tensor2d([positions], [1, 6], 'int32'), 4, 100);
      const angles = positions.flatMap((p) => [p, p / 10, p, p / 10]);
      const signs = positions.flatMap(() => [-1, -1, 1, 1]);
      expect(largestDifference(cosine.dataSync(), angles.map(Math.cos))).toBeLessThan(1e-6);
      expect(
        largestDifference(
          sine.dataSync(),
          angles.map((angle, i) => signs[i]! * Math.sin(angle)),
        ),
      ).toBeLessThan(1e-6);
    });
  });

  test('turns pair i by t * theta^(-2i/dh)', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([1, 1, 0, 0], [1, 1, 1, 4]);
      const turned = applyRope(tf.tile(x, [1, 3, 1, 1]), ropeTable(3, 4, 100)).dataSync();
      const at = (t: number): number[] => {
        const [fast, slow] = [t, t * 100 ** -0.5];
        return [Math.cos(fast), Math.cos(slow), Math.sin(fast), Math.sin(slow)];
      };
      expect(largestDifference(turned, [...at(0), ...at(1), ...at(2)])).toBeLessThan(1e-6);
    });
  });
});
