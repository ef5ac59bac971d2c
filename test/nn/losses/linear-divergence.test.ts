import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { klDivergence, linearDivergence } from '../../../nn/losses/index.js';
import { largestDifference } from '../../support/close.js';
import { useCpuBackend } from '../../support/engines.js';
import { gaussianTensor } from '../../support/gradients.js';

const ROWS = 600; // more than one chunk
const features = () => gaussianTensor('h', [ROWS, 4]) as Tensor2D;
const table = () => gaussianTensor('E', [7, 4]) as Tensor2D;
const reference = () => ({ features: gaussianTensor('g', [ROWS, 4]), table: gaussianTensor('F', [7, 4]) });
const weights = () => tf.abs(gaussianTensor('w', [ROWS])) as Tensor1D;

/** Value and gradients by features and table. */
function graded(fn: (h: Tensor2D, e: Tensor2D) => Tensor): Float32Array[] {
  const { value, grads } = tf.valueAndGrads((h, e) => fn(h as Tensor2D, e as Tensor2D) as tf.Scalar)([
    features(),
    table(),
  ]);
  return [value, ...grads].map((tensor) => tensor.dataSync() as Float32Array);
}

describe('divergence of linear heads', () => {
  useCpuBackend();

  test('of two tokens, by hand', () => {
    // Logits ln 3 and 0: p = (3/4, 1/4); q uniform: KL = 3/4 ln(3/2) + 1/4 ln(1/2).
    const p = { features: tf.tensor2d([[Math.log(3), 0]]), table: tf.eye(2) as Tensor2D };
    const q = { features: tf.tensor2d([[0, 0]]), table: tf.eye(2) as Tensor2D };
    const one = tf.tensor1d([1]);
    const kl = 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5);
    expect(linearDivergence(p, q, one).values.dataSync()[0]).toBeCloseTo(kl, 6);
    const entropy = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25));
    expect(linearDivergence(p, null, one).values.dataSync()[0]).toBeCloseTo(-entropy, 6);
    expect(linearDivergence(p, p, one).loss.dataSync()[0]).toBeCloseTo(0, 6);
  });

  test('gives what autodiff gives through all logits', () => {
    const q = reference();
    const whole = graded((h, e) =>
      tf.sum(
        tf.mul(
          weights(),
          klDivergence(
            tf.matMul(h, e, false, true),
            tf.matMul(q.features as Tensor2D, q.table as Tensor2D, false, true),
          ),
        ),
      ),
    );
    const chunked = graded(
      (h, e) =>
        linearDivergence(
          { features: h, table: e },
          { features: q.features as Tensor2D, table: q.table as Tensor2D },
          weights(),
        ).loss,
    );
    chunked.forEach((found, i) => {
      const scale = Math.max(...whole[i]!.map(Math.abs));
      expect(largestDifference(found, whole[i]!)).toBeLessThan(1e-5 * scale);
    });
  });

  test('without q it is the negative entropy', () => {
    const whole = graded((h, e) => {
      const logP = tf.logSoftmax(tf.matMul(h, e, false, true) as Tensor2D);
      return tf.sum(tf.mul(weights(), tf.sum(tf.mul(tf.exp(logP), logP), 1)));
    });
    const chunked = graded((h, e) => linearDivergence({ features: h, table: e }, null, weights()).loss);
    chunked.forEach((found, i) => {
      const scale = Math.max(...whole[i]!.map(Math.abs));
      expect(largestDifference(found, whole[i]!)).toBeLessThan(1e-5 * scale);
    });
  });
});
