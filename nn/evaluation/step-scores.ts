import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor3D } from '@tensorflow/tfjs';

/** What the logits of one recursion step are worth against targets; each [B, T]. */
export interface StepScores {
  /** -ln p(target), nats; meaningless where the target is ignored. */
  readonly nll: Tensor;
  /** 1 where no token is more likely than the target, else 0. */
  readonly correct: Tensor;
}

/**
 * @param logits [B, T, V]
 * @param targets int32 [B, T]; negative where nothing is to be predicted
 */
export function scoreStep(logits: Tensor3D, targets: Tensor): StepScores {
  const [rows, length, vocabulary] = logits.shape;
  const count = rows * length;
  const flat = tf.reshape(logits, [count, vocabulary]);
  const wanted = tf.reshape(tf.maximum(targets, tf.scalar(0, 'int32')), [count]);
  const offsets = tf.add(tf.range(0, count * vocabulary, vocabulary, 'int32'), wanted) as Tensor1D;
  const atTarget = tf.gather(tf.reshape(flat, [-1]), offsets);
  const highest = tf.max(flat, 1);
  const mass = tf.sum(tf.exp(tf.sub(flat, tf.expandDims(highest, 1))), 1);
  const nll = tf.sub(tf.add(highest, tf.log(mass)), atTarget);
  const correct = tf.cast(tf.greaterEqual(atTarget, highest), 'float32');
  return { nll: tf.reshape(nll, [rows, length]), correct: tf.reshape(correct, [rows, length]) };
}
