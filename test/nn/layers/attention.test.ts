import * as tf from '@tensorflow/tfjs';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import {
  applyRope,
  attentionMask,
  ropeTable,
  sameDocument,
  scaledAttention,
  visibility,
} from '../../../nn/layers/index.js';
import { expectClose, largestDifference } from '../../support/close.js';
import { describeOnEngines, floats, integers, useCpuBackend } from '../../support/engines.js';
import { gaussianTensor } from '../../support/gradients.js';

describeOnEngines('attention mask', (compute) => {
  test('position i sees j iff 0 <= i - j <= window in the same document', async () => {
    const segments = [0, 0, 0, 0, 1, 1];
    const found = await compute({ s: integers(segments, [1, 6]) }, (t) => {
      const same = sameDocument(t['s'] as Tensor2D);
      return { band: visibility(same, 2), all: visibility(same, Infinity) };
    });
    const expected = (window: number): number[] =>
      segments.flatMap((a, i) => segments.map((b, j) => (a === b && i >= j && i - j <= window ? 1 : 0)));
    expectClose(found['band']!, expected(2), 0);
    expectClose(found['all']!, expected(Infinity), 0);
  });

  test('reports the largest visible score of each head, by magnitude', async () => {
    // Scores i*j-like from one-dimensional heads; the largest product overall lies in the future and must not count.
    const q = floats([1, -3, 2, 1, 1, 1], [1, 2, 3, 1]);
    const k = floats([2, 1, 9, -1, 4, 0], [1, 2, 3, 1]);
    const found = await compute({ q, k, s: integers([0, 0, 0], [1, 3]) }, (t) => {
      const mask = attentionMask(visibility(sameDocument(t['s'] as Tensor2D), 1));
      return { peak: scaledAttention(t['q'] as Tensor4D, t['k'] as Tensor4D, t['k'] as Tensor4D, mask).peak };
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
