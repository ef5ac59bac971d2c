import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';

/**
 * KL(p || q) per row, nats, from logits: sum_v p (ln p - ln q).
 *
 * @param logits of p [N, V]
 * @param reference logits of q [N, V]
 */
export function klDivergence(logits: Tensor2D, reference: Tensor2D): Tensor1D {
  const logP = tf.logSoftmax(logits);
  return tf.sum(tf.mul(tf.exp(logP), tf.sub(logP, tf.logSoftmax(reference))), 1);
}

/** Jensen-Shannon divergence per row, nats, at most ln 2. @param p,q probabilities [N, V] */
export function jensenShannon(p: Tensor2D, q: Tensor2D): Tensor1D {
  const middle = tf.div(tf.add(p, q), 2);
  const half = (x: Tensor): Tensor => tf.sum(tf.mul(x, tf.sub(safeLog(x), safeLog(middle))), 1);
  return tf.div(tf.add(half(p), half(q)), 2) as Tensor1D;
}

function safeLog(x: Tensor): Tensor {
  return tf.log(tf.add(x, 1e-30));
}
