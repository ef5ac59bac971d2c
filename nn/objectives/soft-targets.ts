import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs';
import type { Objective } from '../../core/contracts/objective.js';
import { validTargets } from '../losses/index.js';
import { DISTILLATION } from './distil.js';
import { stepDivergence, taughtPass } from './taught.js';

/**
 * Soft targets alone (Hinton et al. 2015, at temperature 1): mean over the tokens that have a target, and over recursion
 * steps, of KL(P_reference || P_model) over the whole vocabulary. What the targets themselves are is not learnt; cross-entropy
 * and accuracy are told of them.
 *
 * @param usual runs the model once; what its loss alone leads to (a halting head) has a gradient of zero
 */
export function softTargets(usual: Objective): Objective {
  return (input) => {
    const passes = taughtPass(usual, input);
    const { targets } = input.batch;
    const divergence = stepDivergence(passes, validTargets(targets) as Tensor2D, targets);
    const loss = tf.add(divergence, tf.mul(passes.usual.loss, 0)) as Scalar;
    const metrics = { ...passes.usual.metrics, 'loss/total': loss, [DISTILLATION]: divergence };
    return { ...passes.usual, loss, metrics };
  };
}
