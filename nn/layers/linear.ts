import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';

/**
 * x W (+ bias) over the last axis. The leading axes are flattened, so the weight gradient is one plain matrix
 * product instead of a batched one that must be summed.
 *
 * @param x [..., in]
 * @param weight [in, out]
 * @param bias [out]
 * @returns [..., out]
 */
export function linear<T extends Tensor>(x: T, weight: Tensor2D, bias?: Tensor): T {
  const [width, out] = weight.shape;
  const rows = tf.matMul(tf.reshape(x, [-1, width]) as Tensor2D, weight);
  const shifted = bias === undefined ? rows : tf.add(rows, bias);
  return tf.reshape(shifted, [...x.shape.slice(0, -1), out]) as T;
}
