import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Forward } from '../../core/contracts/architecture.js';
import type { ForwardFunction, Objective } from '../../core/contracts/objective.js';
import type { TensorSpecs } from '../../core/contracts/tensor.js';
import type { WholeRows } from '../data/index.js';
import { teacherDivergence } from '../losses/index.js';

/** Name of the divergence among the metrics of {@link keepBehaviour}. */
export const KEPT_DIVERGENCE = 'baking/kept_kl' as const;

/** What {@link keepBehaviour} reads of a row besides ids, targets and segments; without the axis of rows. */
export function keepBehaviourExtras(length: number): TensorSpecs {
  return { kept: { shape: [length], dtype: 'float32' } };
}

/** {@link keepBehaviourExtras} of packed rows: 1 wherever a kept document has a next token. @param isKept by document */
export function keptTokens(
  { rows, placed }: WholeRows,
  isKept: (document: number) => boolean,
): readonly { readonly kept: Float32Array }[] {
  const all = rows.map(({ ids }) => ({ kept: new Float32Array(ids.length) }));
  for (const { index, row, start, length } of placed)
    if (isKept(index)) all[row]!.kept.fill(1, start, start + length - 1);
  return all;
}

/**
 * Learning without forgetting (Li & Hoiem 2016): beside the usual loss the model goes on predicting what the frozen
 * `reference` predicts, wherever `kept` [B, T] is 1: weight * mean over those tokens of KL(P_reference || P_model), over the
 * whole vocabulary, each recursion step by the reference's same step. What a model said holds more than the one token that
 * came next, so that little text keeps much.
 *
 * @param usual runs the model once
 */
export function keepBehaviour(usual: Objective, weight: number): Objective {
  return (input) => {
    const { forward, params, reference, batch, extras } = input;
    let pass: Forward | undefined;
    const watched: ForwardFunction = (weights, given, options) => {
      const result = forward(weights, given, options);
      if (weights === params) pass = result;
      return result;
    };
    const result = usual({ ...input, forward: watched });
    const told = forward(reference, { ids: batch.ids, segments: batch.segments }, { peaks: false });
    const divergence = divergenceOf(pass!, told, extras['kept'] as Tensor2D, batch.targets);
    const loss = tf.add(result.loss, tf.mul(divergence, weight)) as Scalar;
    return {
      ...result,
      loss,
      metrics: { ...result.metrics, 'loss/total': loss, [KEPT_DIVERGENCE]: divergence },
    };
  };
}

/** Mean over kept tokens and recursion steps; 0 where nothing is kept. @param kept [B, T], 1 or 0 */
function divergenceOf(pass: Forward, told: Forward, kept: Tensor2D, targets: Tensor): Scalar {
  const steps = pass.features.shape[0];
  const all = tf.tile(tf.reshape(kept, [-1]), [steps]) as Tensor1D;
  return teacherDivergence({
    student: everyStep(pass),
    teacher: everyStep(told),
    targets: tf.tile(tf.reshape(targets, [-1]), [steps]) as Tensor1D,
    weights: tf.div(all, tf.maximum(tf.sum(all), 1)) as Tensor1D,
  }).loss;
}

function everyStep({ features, head }: Forward) {
  return { features: tf.reshape(features, [-1, features.shape[3]]) as Tensor2D, table: head };
}
