import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import type { FunctionContext } from '../../core/contracts/engine.js';
import { linear } from '../layers/linear.js';
import { lastStep } from './forward.js';
import { sayableMask } from './vocabulary.js';

/** How a token is chosen: 1 for the most likely one, 0 to draw it at temperature 1. */
export type Greediness = tf.Scalar;

/**
 * The next token of every row: the most likely one, or one drawn from softmax(logits) by a uniform number: the first at
 * which the sum of the probabilities passes it. Only ids leave the engine.
 *
 * @param features [K, R, 1, r]
 * @param head [V, r]
 * @param excluded ids that are never chosen
 * @returns int32 [R]
 */
export function chooseTokens(
  { features, head }: { readonly features: Tensor4D; readonly head: Tensor2D },
  excluded: readonly number[],
  greedy: Greediness,
  context: FunctionContext,
): Tensor1D {
  const rows = features.shape[1];
  const flat = tf.reshape(lastStep(features), [rows, -1]) as Tensor2D;
  const logits = tf.add(linear(flat, head, undefined, 'out-in'), sayableMask(head.shape[0], excluded));
  const passed = tf.cumsum(tf.softmax(logits as Tensor2D), 1);
  const total = tf.slice(passed, [0, head.shape[0] - 1], [-1, 1]);
  const drawn = tf.mul(tf.minimum(context.uniform([rows, 1]), JUST_BELOW_ONE), total);
  const sampled = tf.sum(tf.cast(tf.lessEqual(passed, drawn), 'int32'), 1);
  const likeliest = tf.cast(tf.argMax(logits, 1), 'int32');
  return tf.where(tf.greater(greedy, 0), likeliest, tf.cast(sampled, 'int32')) as Tensor1D;
}

/** Rounding must not take the sum of all probabilities for less than the number drawn. */
const JUST_BELOW_ONE = 1 - 1e-6;
