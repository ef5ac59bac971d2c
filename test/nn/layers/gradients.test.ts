import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import {
  applyRope,
  attentionMask,
  computedAfter,
  embeddingLookup,
  gateEntropy,
  gatedSilu,
  magGate,
  rmsNorm,
  ropeTable,
  sameDocument,
  scaledAttention,
  silu,
  stopGradient,
  straightThrough,
} from '../../../nn/layers/index.js';
import { haltingLoss } from '../../../nn/losses/index.js';
import { largestDifference } from '../../support/close.js';
import { useCpuBackend } from '../../support/engines.js';
import { gaussianTensor, valueAndGradients } from '../../support/gradients.js';

useCpuBackend();

/** A hand-differentiated function must agree in value and gradients with the same formula left to tfjs. */
function expectSame(
  ours: (...args: Tensor[]) => Tensor,
  plain: (...args: Tensor[]) => Tensor,
  args: Tensor[],
  tolerance = 2e-5,
): void {
  const [found, expected] = [valueAndGradients(ours, args), valueAndGradients(plain, args)];
  found.forEach((values, i) => expect(largestDifference(values, expected[i]!)).toBeLessThan(tolerance));
}

describe('hand-written gradients', () => {
  test('RMSNorm', () => {
    const args = [gaussianTensor('x', [2, 3, 6]), gaussianTensor('g', [6])];
    const plain = (x: Tensor, g: Tensor): Tensor =>
      tf.mul(tf.div(x, tf.sqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-6))), g);
    expectSame(
      (x, g) => rmsNorm(x!, g as Tensor1D, 1e-6),
      (x, g) => plain(x!, g!),
      args,
    );
  });

  test('SiLU, alone and gated', () => {
    const args = [gaussianTensor('a', [3, 5], 3), gaussianTensor('b', [3, 5])];
    expectSame(
      (a) => silu(a!),
      (a) => tf.mul(a!, tf.sigmoid(a!)),
      args.slice(0, 1),
    );
    expectSame(
      (a, b) => gatedSilu(a!, b!),
      (a, b) => tf.mul(tf.mul(a!, tf.sigmoid(a!)), b!),
      args,
    );
  });

  test('rotary embedding', () => {
    const table = ropeTable(5, 4, 10000, 0.5);
    const plain = (x: Tensor): Tensor => {
      const [low, high] = tf.split(x, 2, 3);
      return tf.add(tf.mul(x, table.cosine), tf.mul(tf.concat([high!, low!], 3), table.sine));
    };
    expectSame(
      (x) => applyRope(x as Tensor4D, table),
      (x) => plain(x!),
      [gaussianTensor('x', [2, 5, 3, 4])],
    );
  });

  test('attention', () => {
    const segments = tf.tensor2d(
      [
        [0, 0, 0, 1, 1, 1],
        [0, 0, 0, 0, 0, 0],
      ],
      [2, 6],
      'int32',
    );
    const mask = attentionMask(sameDocument(segments), 2);
    const plain = (q: Tensor, k: Tensor, v: Tensor): Tensor =>
      tf.matMul(tf.softmax(tf.add(tf.matMul(q, k, false, true), mask.blocks[0]!.additive)), v);
    const args = ['q', 'k', 'v'].map((name) => gaussianTensor(name, [2, 2, 6, 3]));
    expectSame(
      (q, k, v) => scaledAttention(q as Tensor4D, k as Tensor4D, v as Tensor4D, mask).output,
      (q, k, v) => plain(q!, k!, v!),
      args,
    );
  });

  test('embedding lookup', () => {
    const indices = tf.tensor2d(
      [
        [0, 3],
        [3, 1],
      ],
      [2, 2],
      'int32',
    );
    expectSame(
      (table) => embeddingLookup(table as Tensor2D, indices),
      (table) => tf.gather(table!, indices),
      [gaussianTensor('table', [5, 3])],
    );
  });

  test('memory-as-gate', () => {
    const args = [
      gaussianTensor('a', [1, 4, 3]),
      gaussianTensor('m', [1, 4, 3]),
      gaussianTensor('w1', [6, 5]),
      gaussianTensor('w2', [5, 3]),
    ];
    const [b1, b2] = [gaussianTensor('b1', [5]) as Tensor1D, gaussianTensor('b2', [3]) as Tensor1D];
    const ours = (a: Tensor, m: Tensor, w1: Tensor, w2: Tensor): Tensor =>
      magGate(a as Tensor3D, m as Tensor3D, {
        first: w1 as Tensor2D,
        firstBias: b1,
        second: w2 as Tensor2D,
        secondBias: b2,
      }).mixed;
    const plain = (a: Tensor, m: Tensor, w1: Tensor, w2: Tensor): Tensor => {
      const both = tf.reshape(tf.concat([a, m], 2), [4, 6]);
      const g = tf.reshape(
        tf.sigmoid(tf.add(tf.matMul(tf.relu(tf.add(tf.matMul(both, w1), b1)), w2), b2)),
        [1, 4, 3],
      );
      return tf.add(tf.mul(g, a), tf.mul(tf.sub(1, g), m));
    };
    expectSame(
      (a, m, w1, w2) => ours(a!, m!, w1!, w2!),
      (a, m, w1, w2) => plain(a!, m!, w1!, w2!),
      args,
    );
  });

  test('gate entropy', () => {
    const plain = (z: Tensor): Tensor => {
      const g = tf.sigmoid(z);
      return tf.neg(tf.mean(tf.add(tf.mul(g, tf.log(g)), tf.mul(tf.sub(1, g), tf.log(tf.sub(1, g))))));
    };
    expectSame(
      (z) => gateEntropy(z!, tf.sigmoid(z!)),
      (z) => plain(z!),
      [gaussianTensor('z', [4, 5], 2)],
    );
  });

  test('halting loss', () => {
    const [targets, weights] = [tf.tensor1d([1, 0, 0, 1]), tf.tensor1d([0.5, 0.25, 0, 1])];
    const plain = (l: Tensor): Tensor => {
      const q = tf.sigmoid(l);
      const each = tf.add(tf.mul(targets, tf.log(q)), tf.mul(tf.sub(1, targets), tf.log(tf.sub(1, q))));
      return tf.neg(tf.sum(tf.mul(weights, each)));
    };
    expectSame(
      (l) => haltingLoss(l!, targets, weights),
      (l) => plain(l!),
      [gaussianTensor('l', [4], 2)],
    );
  });
});

describe('cutting and passing gradients', () => {
  test('stopGradient keeps the value and is not connected at all', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([2, 3]);
      expect(Array.from(stopGradient(x).dataSync())).toEqual([2, 3]);
      const [gradient] = tf.grads((y) => tf.sum(tf.mul(y!, stopGradient(y!))) as tf.Scalar)([x]);
      expect(Array.from(gradient!.dataSync())).toEqual([2, 3]);
      expect(() => tf.grads((y) => tf.sum(stopGradient(y!)) as tf.Scalar)([x])).toThrow(
        'Cannot compute gradient',
      );
    });
  });

  test('straightThrough has the value of the quantiser and the gradient of the identity', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([0.2, 1.7]);
      const { value, grads } = tf.valueAndGrads(
        (y) =>
          tf.sum(
            tf.mul(
              straightThrough(y!, (z) => tf.round(z)),
              [3, 5],
            ),
          ) as tf.Scalar,
      )([x]);
      expect(value.dataSync()[0]).toBe(10);
      expect(Array.from(grads[0]!.dataSync())).toEqual([3, 5]);
    });
  });

  test('computedAfter changes neither values nor gradients, whatever the dependency holds', () => {
    tf.tidy(() => {
      const dependencies = [tf.tensor1d([NaN, 1]), tf.scalar(Infinity), tf.tensor2d([[-7]])];
      const { value, grads } = tf.valueAndGrads((x) => tf.sum(computedAfter(x!, dependencies)) as tf.Scalar)([
        tf.tensor1d([1.5, 2]),
      ]);
      expect(value.dataSync()[0]).toBe(3.5);
      expect(Array.from(grads[0]!.dataSync())).toEqual([1, 1]);
    });
  });
});
