import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs';
import type { Objective } from '../../core/contracts/objective.js';
import type { TensorSpecs } from '../../core/contracts/tensor.js';
import type { WholeRows } from '../data/index.js';
import { stepDivergence, taughtPass } from './taught.js';

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
    const passes = taughtPass(usual, input);
    const result = passes.usual;
    const divergence = stepDivergence(passes, input.extras['kept'] as Tensor2D, input.batch.targets);
    const loss = tf.add(result.loss, tf.mul(divergence, weight)) as Scalar;
    return {
      ...result,
      loss,
      metrics: { ...result.metrics, 'loss/total': loss, [KEPT_DIVERGENCE]: divergence },
    };
  };
}
