import * as tf from '@tensorflow/tfjs';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { Forward } from '../../core/contracts/architecture.js';
import { linear } from '../layers/linear.js';

type Answered = Pick<Forward, 'features' | 'head'>;

/** Recursion steps K of a forward pass. */
export function stepCount({ features }: Answered): number {
  return features.shape[0];
}

/**
 * Logits of one recursion step: features head^T.
 *
 * @param step zero-based
 * @returns [B, T, V]
 */
export function stepLogits({ features, head }: Answered, step: number): Tensor3D {
  const [, rows, length, width] = features.shape;
  const own = tf.reshape(tf.slice(features, [step, 0, 0, 0], [1, rows, length, width]), [
    rows * length,
    width,
  ]);
  return tf.reshape(linear(own, head, undefined, 'out-in'), [rows, length, head.shape[0]]);
}

/** Logits of every recursion step, first step first; each [B, T, V]. */
export function allLogits(pass: Answered): Tensor3D[] {
  return Array.from({ length: stepCount(pass) }, (_, step) => stepLogits(pass, step));
}

/** Logits of the last step: the model's answer. @returns [B, T, V] */
export function answerLogits(pass: Answered): Tensor3D {
  return stepLogits(pass, stepCount(pass) - 1);
}

/** q_k = sigmoid(l_k) of every step; empty when the model does not halt by itself. */
export function haltingProbabilities({ halting }: Pick<Forward, 'halting'>): Tensor2D[] {
  return halting.map((logits) => tf.sigmoid(logits) as Tensor2D);
}
