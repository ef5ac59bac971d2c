import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { AttentionPeak } from '../../core/contracts/architecture.js';
import type { TensorMap } from '../../core/contracts/tensor.js';

export interface QkClipResult {
  /** The clipped matrices by name; others are not in it. */
  readonly params: TensorMap;
  /** Number of heads that were scaled. */
  readonly clipped: Scalar;
}

/**
 * QK-clip (Kimi K2, 2025): a head whose largest score exceeds tau has its query and key columns multiplied by
 * sqrt(tau / peak) each, so that the same scores would now peak at tau. Other heads are multiplied by exactly 1.
 *
 * @param peaks at least one
 */
export function qkClip(params: TensorMap, peaks: readonly AttentionPeak[], threshold: number): QkClipResult {
  const scaled: TensorMap = {};
  const counts: Tensor[] = [];
  for (const { query, key, peak } of peaks) {
    const over = tf.greater(peak, threshold);
    const factor = tf.where(over, tf.sqrt(tf.div(threshold, peak)), tf.onesLike(peak));
    for (const name of [query, key])
      scaled[name] = scaleHeads((scaled[name] ?? params[name]) as Tensor2D, factor);
    counts.push(tf.sum(tf.cast(over, 'float32')));
  }
  return { params: scaled, clipped: tf.addN(counts) as Scalar };
}

/** Multiply each head's columns. @param weight [in, H*dh] @param factor [H] */
function scaleHeads(weight: Tensor2D, factor: Tensor): Tensor2D {
  const [inputs, outputs] = weight.shape;
  const heads = factor.size;
  const byHead = tf.reshape(weight, [inputs, heads, outputs / heads]);
  return tf.reshape(tf.mul(byHead, tf.reshape(factor, [1, heads, 1])), [inputs, outputs]);
}
