import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { operatorOf, withOperator } from '../layers/matrix-operator.js';
import { stopGradient } from '../layers/stop-gradient.js';

/** Tokens whose logits exist at one time. */
export const CHUNK = 1024;

/**
 * -ln p(target) as (max logit - target logit) - ln(max p): the most likely token's probability never underflows,
 * as the target's may.
 */
export function scoreTargets(
  logits: Tensor2D,
  probabilities: Tensor2D,
  targets: Tensor1D,
): { nll: Tensor1D; correct: Tensor1D } {
  const [rows, vocabulary] = logits.shape;
  const offsets = tf.add(tf.range(0, rows * vocabulary, vocabulary, 'int32'), targets);
  const atTarget = tf.gather(tf.reshape(logits, [-1]), offsets as Tensor1D);
  const highest = tf.max(logits, 1);
  const nll = tf.sub(tf.sub(highest, atTarget), tf.log(tf.max(probabilities, 1))) as Tensor1D;
  return { nll, correct: tf.cast(tf.greaterEqual(atTarget, highest), 'float32') as Tensor1D };
}

/**
 * A head without a gradient that multiplies as the head itself does. Losses write its gradients out for a plain product,
 * h E^T. Where its operator rounds h, that is the straight-through gradient by h, but the gradient by E is taken with h as it
 * was before rounding: g^T h, not g^T round(h). They differ by g times half a step of the rounding, at most 1/254 of the
 * largest |h| of its block, with either sign; whoever needs the exact one multiplies by the head outside of these losses. An
 * operator that changes h by more than rounding (a norm before the head) would be wrong here.
 *
 * @param table [V, r]
 */
export function frozenHead(table: Tensor2D): Tensor2D {
  return withOperator(stopGradient(table), operatorOf(table));
}
