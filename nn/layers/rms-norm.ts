import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { inFullPrecision } from '../precision/products.js';
import { withGradient } from './with-gradient.js';

/**
 * Root-mean-square normalisation over the last axis (Zhang and Sennrich 2019, eq. 4):
 * y = gain * x / sqrt(mean(x^2) + epsilon).
 *
 * The gradient is written out: with n = x / rms, dx = (dy*gain - n * mean(dy*gain*n)) / rms, which takes half the
 * passes over x that automatic differentiation of the formula takes.
 *
 * @param x [..., d]
 * @param gain [d]
 */
export function rmsNorm<T extends Tensor>(x: T, gain: Tensor1D, epsilon: number): T {
  const width = gain.shape[0];
  const rows = withGradient([tf.reshape(x, [-1, width]), gain], (flat, scale) => {
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(flat!), 1, true), epsilon));
    const normal = tf.mul(flat!, inverse);
    return {
      value: tf.mul(normal, scale!),
      saved: [normal, inverse, scale!],
      gradient: (dy, saved) => rmsNormGradient(dy, saved[0]!, saved[1]!, saved[2]!),
    };
  });
  return tf.reshape(rows, x.shape) as T;
}

function rmsNormGradient(dy: Tensor, normal: Tensor, inverse: Tensor, gain: Tensor): Tensor[] {
  const width = gain.size;
  const product = tf.mul(dy, normal) as Tensor2D;
  const along = tf.div(
    inFullPrecision(() => tf.matMul(product, tf.reshape(gain, [width, 1]))),
    width,
  );
  const dx = tf.mul(inverse, tf.sub(tf.mul(dy, gain), tf.mul(normal, along)));
  return [dx, columnSums(product)];
}

/** Sum over rows as a product with ones: engines do it in a third of the time of a reduction over the outer axis. */
function columnSums(x: Tensor2D): Tensor {
  const [rows, columns] = x.shape;
  const sums = inFullPrecision(() => tf.matMul(tf.ones([1, rows]), x));
  return tf.reshape(sums, [columns]);
}
