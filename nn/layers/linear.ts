import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { operatorOf } from './matrix-operator.js';

/** How a matrix lies in memory: [in, out], or [out, in] as Hugging Face checkpoints have it. */
export type MatrixLayout = 'in-out' | 'out-in';

/**
 * x W (+ bias) over the last axis. The leading axes are flattened, so the weight gradient is one plain matrix
 * product instead of a batched one that must be summed. A matrix with an operator of its own multiplies by that.
 *
 * @param x [..., in]
 * @param weight [in, out], or [out, in] with that `layout`
 * @param bias [out]
 * @returns [..., out]
 */
export function linear<T extends Tensor>(
  x: T,
  weight: Tensor2D,
  bias?: Tensor,
  layout: MatrixLayout = 'in-out',
): T {
  const transposed = layout === 'out-in';
  const [width, out] = transposed ? [weight.shape[1], weight.shape[0]] : weight.shape;
  const flat = tf.reshape(x, [-1, width]) as Tensor2D;
  const { multiply } = operatorOf(weight);
  const rows = multiply?.(flat, weight) ?? tf.matMul(flat, weight, false, transposed);
  const shifted = bias === undefined ? rows : tf.add(rows, bias);
  return tf.reshape(shifted, [...x.shape.slice(0, -1), out]) as T;
}
