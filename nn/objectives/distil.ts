import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Forward } from '../../core/contracts/architecture.js';
import type { Objective } from '../../core/contracts/objective.js';
import { teacherDivergence } from '../losses/index.js';
import { taughtPass } from './taught.js';

/** Name of the divergence among the metrics of {@link distilled}. */
export const DISTILLATION = 'loss/distillation' as const;

export interface DistillationOptions {
  /** Of the divergence beside the usual loss; 0 leaves the teacher out. */
  readonly weight: number;
  /** Both distributions are softened by it; above 1 what the teacher holds possible counts more (Hinton et al. 2015). */
  readonly temperature: number;
  /** Id that rows are filled up with: nothing is to be learnt there. */
  readonly pad: number;
}

/**
 * Beside the usual loss the model is to say what the frozen `reference` says at every token of the rows, questions included:
 * weight * T^2 * mean KL(P_reference(T) || P_model(T)) over the whole vocabulary, each recursion step by the same step of the
 * reference. The reference computes as it is, without the trainer's transform: a float teacher of a ternary student.
 *
 * @param usual runs the model once
 */
export function distilled(usual: Objective, { weight, temperature, pad }: DistillationOptions): Objective {
  if (weight === 0) return usual;
  return (input) => {
    const { batch } = input;
    const { usual: result, pass, told } = taughtPass(usual, input);
    const text = tf.cast(tf.notEqual(batch.ids, pad), 'float32');
    const divergence = divergenceOf(pass, told, batch.targets, text, temperature);
    const loss = tf.add(result.loss, tf.mul(divergence, weight)) as Scalar;
    const metrics = { ...result.metrics, 'loss/total': loss, [DISTILLATION]: divergence };
    return { ...result, loss, metrics };
  };
}

/** Mean over tokens of text and recursion steps, times T^2, so that its gradient keeps its size. @param text [B, T] */
function divergenceOf(pass: Forward, told: Forward, targets: Tensor, text: Tensor, temperature: number) {
  const steps = pass.features.shape[0];
  const all = tf.tile(tf.reshape(text, [-1]), [steps]) as Tensor1D;
  const { loss } = teacherDivergence({
    student: softened(pass, temperature),
    teacher: softened(told, temperature),
    targets: tf.tile(tf.reshape(targets, [-1]), [steps]) as Tensor1D,
    weights: tf.div(all, tf.maximum(tf.sum(all), 1)) as Tensor1D,
  });
  return tf.mul(loss, temperature ** 2) as Scalar;
}

/** Every step's logits over T: the head is linear, so its inputs are divided. */
function softened({ features, head }: Forward, temperature: number) {
  const flat = tf.reshape(features, [-1, features.shape[3]]);
  return { features: tf.div(flat, temperature) as Tensor2D, table: head };
}
