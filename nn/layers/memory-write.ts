import * as tf from '@tensorflow/tfjs';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { MemoryKernel } from './memory-decay.js';

/** How strongly surprise and novelty open the memory's gate */
export interface WriteRule {
  readonly surprise: number;
  readonly novelty: number;
}

/** Running mean of the squared prediction error, carried between windows of one document. */
export interface ErrorTally {
  /** [B, 1] sum of squared errors so far */
  readonly sum: Tensor2D;
  /** [B, 1] tokens so far */
  readonly count: Tensor2D;
}

export interface WriteWeights {
  /** [B, T, 1] in 0..1 */
  readonly weight: Tensor3D;
  /** [B, T, 1] tanh(squared error / its running mean) */
  readonly surprise: Tensor3D;
  /** The tally after each token, each [B, T, 1]. */
  readonly running: { readonly sum: Tensor3D; readonly count: Tensor3D };
}

const TINY = 1e-8;

/**
 * w_t = min(1, surprise * s_t + novelty * nu_t) with s_t = tanh(|c_t - mbar_{t-1}|^2 / running mean of it) and
 * nu_t = 1 - cos(c_t, mbar_{t-1}). The running mean is over the document up to and including t, so nothing later
 * is looked at. Call on tensors without gradient.
 *
 * @param content c [B, T, m]
 * @param previous mbar_{t-1} [B, T, m]; zero at the start of a document
 */
export function writeWeights(
  content: Tensor3D,
  previous: Tensor3D,
  rule: WriteRule,
  kernel: MemoryKernel,
  carry: ErrorTally | null,
): WriteWeights {
  const error = tf.sum(tf.square(tf.sub(content, previous)), 2, true);
  const count = tf.sum(kernel.causal, 2, true);
  const total = tf.matMul(kernel.causal, error as Tensor3D);
  const inFirst = tf.slice(kernel.causal, [0, 0, 0], [-1, -1, 1]);
  const sumSoFar = carry === null ? total : tf.add(total, tf.mul(inFirst, tf.expandDims(carry.sum, 1)));
  const countSoFar = carry === null ? count : tf.add(count, tf.mul(inFirst, tf.expandDims(carry.count, 1)));
  const surprise = tf.tanh(tf.div(tf.mul(error, countSoFar), tf.add(sumSoFar, TINY))) as Tensor3D;
  const lengths = tf.mul(tf.norm(content, 2, 2, true), tf.norm(previous, 2, 2, true));
  const cosine = tf.div(tf.sum(tf.mul(content, previous), 2, true), tf.add(lengths, TINY));
  const open = tf.add(tf.mul(surprise, rule.surprise), tf.mul(tf.sub(1, cosine), rule.novelty));
  return {
    weight: tf.minimum(open, 1) as Tensor3D,
    surprise,
    running: { sum: sumSoFar as Tensor3D, count: countSoFar as Tensor3D },
  };
}
