import * as tf from '@tensorflow/tfjs';
import type { Tensor2D } from '@tensorflow/tfjs';
import type { Forward, ForwardOptions } from '../../core/contracts/architecture.js';
import type {
  ForwardFunction,
  Objective,
  ObjectiveInput,
  ObjectiveResult,
} from '../../core/contracts/objective.js';
import type { LinearHead } from '../losses/index.js';

/** What an objective makes of a batch, and what it makes it of. */
export interface SeenResult {
  readonly result: ObjectiveResult;
  /** Of the parameters that are trained. */
  readonly pass: Forward;
}

/**
 * Run an objective and see its pass, for a term beside its loss.
 *
 * @param usual runs the model once
 * @param asked of the pass, beside what the objective asks for
 */
export function withPass(usual: Objective, input: ObjectiveInput, asked: ForwardOptions = {}): SeenResult {
  const { forward, params } = input;
  let pass: Forward | undefined;
  const watched: ForwardFunction = (weights, given, options) => {
    if (weights !== params) return forward(weights, given, options);
    pass = forward(weights, given, { ...options, ...asked });
    return pass;
  };
  const result = usual({ ...input, forward: watched });
  return { result, pass: pass! };
}

/** The head of the last step over all B T tokens. */
export function answerOf({ features, head }: Forward): LinearHead {
  const [steps, rows, length, width] = features.shape;
  const last = tf.slice(features, [steps - 1, 0, 0, 0], [1, rows, length, width]);
  return { features: tf.reshape(last, [rows * length, width]) as Tensor2D, table: head };
}

/** The head over the tokens of every step, S B T rows, step by step. */
export function everyStep({ features, head }: Forward): LinearHead {
  return { features: tf.reshape(features, [-1, features.shape[3]]) as Tensor2D, table: head };
}
