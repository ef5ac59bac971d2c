import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Forward } from '../../core/contracts/architecture.js';
import type { Objective } from '../../core/contracts/objective.js';
import type { TensorSpecs } from '../../core/contracts/tensor.js';
import { teacherDivergence, validTargets, type LinearHead } from '../losses/index.js';
import { everyStep } from './passes.js';

/** Name of the divergence among the metrics of {@link bakePrompt}. */
export const BAKING_DIVERGENCE = 'baking/kl' as const;

/** Tokens of a row as the student reads it, and as the teacher does with the prompt in front. */
export interface BakingLengths {
  readonly length: number;
  readonly teacherLength: number;
}

/** What {@link bakePrompt} reads of a row besides ids, targets and segments; each without the axis of rows. */
export function bakePromptExtras({ length, teacherLength }: BakingLengths): TensorSpecs {
  return {
    teacher_ids: { shape: [teacherLength], dtype: 'int32' },
    teacher_segments: { shape: [teacherLength], dtype: 'int32' },
    teacher_index: { shape: [length], dtype: 'int32' },
  };
}

/**
 * Prompt baking (Bhargava et al. 2024, eq. 2): mean of KL(P_teacher(. | u, x, y_<t) || P_student(. | x, y_<t)) over the
 * tokens of y, the first one included, over the whole vocabulary. The teacher is the frozen `reference`, which reads
 * `teacher_ids` with the prompt u; the student reads the batch without it. `teacher_index` says for each position of the
 * student which position of the teacher predicts the same token, -1 where none does; targets are the tokens of y. Of a model
 * that recurs every step learns from the teacher's same step, and the loss is the mean: where a model halts early, an answer
 * of its last step alone would be one that nobody sees. Cross-entropy and accuracy are of the last step. Nothing leads to a
 * halting head: its tensors cannot be trained by it.
 */
export function bakePrompt(): Objective {
  return ({ forward, params, batch, extras, reference, context }) => {
    const index = extras['teacher_index'] as Tensor2D;
    const heard = {
      ids: extras['teacher_ids'] as Tensor2D,
      segments: extras['teacher_segments'] as Tensor2D,
    };
    const told = forward(reference, heard, { peaks: false });
    const pass = forward(params, { ids: batch.ids, segments: batch.segments }, { context });
    const [steps] = pass.features.shape;
    const targets = tf.reshape(batch.targets, [-1]) as Tensor1D;
    const weights = alignedWeights(targets, tf.reshape(index, [-1]) as Tensor1D);
    const scores = teacherDivergence({
      student: everyStep(pass),
      teacher: atPositions(told, index),
      targets: tf.tile(targets, [steps]) as Tensor1D,
      weights: tf.div(tf.tile(weights, [steps]), steps) as Tensor1D,
    });
    const answered = (x: Tensor1D): Scalar =>
      tf.sum(tf.mul(weights, tf.split(x, steps).at(-1) as Tensor1D)) as Scalar;
    return {
      loss: scores.loss,
      crossEntropy: answered(scores.nll),
      accuracy: answered(scores.correct),
      metrics: { 'loss/total': scores.loss, [BAKING_DIVERGENCE]: scores.loss },
      peaks: pass.peaks,
    };
  };
}

/** What makes a sum the mean over tokens that both predict; all zero when there is none. */
function alignedWeights(targets: Tensor1D, index: Tensor1D): Tensor1D {
  const both = tf.mul(validTargets(targets), validTargets(index));
  return tf.div(both, tf.maximum(tf.sum(both), 1)) as Tensor1D;
}

/** The teacher's features of every step where the student has its own. @param index [B, T] into the teacher's rows */
function atPositions({ features, head }: Forward, index: Tensor2D): LinearHead {
  const [steps, rows, length, width] = features.shape;
  const starts = tf.reshape(tf.range(0, steps * rows * length, length, 'int32'), [steps * rows, 1]);
  const positions = tf.add(tf.tile(tf.maximum(index, tf.scalar(0, 'int32')), [steps, 1]), starts);
  const all = tf.reshape(features, [steps * rows * length, width]);
  return { features: tf.gather(all, tf.reshape(positions, [-1]) as Tensor1D) as Tensor2D, table: head };
}
