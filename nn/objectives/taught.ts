import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Forward } from '../../core/contracts/architecture.js';
import type { Objective, ObjectiveInput, ObjectiveResult } from '../../core/contracts/objective.js';
import { teacherDivergence } from '../losses/index.js';
import { everyStep, withPass } from './passes.js';

/** What the usual objective gives, the pass that it made, and that of the frozen `reference` over the same text. */
export interface TaughtPass {
  readonly usual: ObjectiveResult;
  readonly pass: Forward;
  readonly told: Forward;
}

/** @param usual runs the model once */
export function taughtPass(usual: Objective, input: ObjectiveInput): TaughtPass {
  const { forward, reference, batch } = input;
  const { result, pass } = withPass(usual, input);
  const told = forward(reference, { ids: batch.ids, segments: batch.segments }, { peaks: false });
  return { usual: result, pass, told };
}

/**
 * Mean over counted tokens and recursion steps of KL(P_reference || P_model), whole vocabulary, each step by the reference's
 * same step; 0 where nothing is counted.
 *
 * @param counted [B, T], 1 or 0
 */
export function stepDivergence(
  { pass, told }: Pick<TaughtPass, 'pass' | 'told'>,
  counted: Tensor2D,
  targets: Tensor,
): Scalar {
  const steps = pass.features.shape[0];
  const all = tf.tile(tf.reshape(counted, [-1]), [steps]) as Tensor1D;
  return teacherDivergence({
    student: everyStep(pass),
    teacher: everyStep(told),
    targets: tf.tile(tf.reshape(targets, [-1]), [steps]) as Tensor1D,
    weights: tf.div(all, tf.maximum(tf.sum(all), 1)) as Tensor1D,
  }).loss;
}
