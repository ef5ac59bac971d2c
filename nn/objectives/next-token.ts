import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Forward } from '../../core/contracts/architecture.js';
import type { Objective, ObjectiveResult } from '../../core/contracts/objective.js';
import { ForgeError } from '../../core/errors/index.js';
import { stopGradient } from '../layers/index.js';
import { linearCrossEntropy, meanWeights, stepWeights } from '../losses/index.js';
import { NEXT_TOKEN, type NextTokenOptions } from './defaults.js';
import { haltingObjective, type HaltingTerms } from './halting.js';

/** Per step, over all N = B T tokens. */
export interface StepScores {
  /** sum over steps of weight * CE, with gradient */
  readonly loss: Scalar;
  /** [N] per step, nats, without gradient */
  readonly nll: readonly Tensor1D[];
  /** [N] per step, 1 where the most likely token is right, without gradient */
  readonly correct: readonly Tensor1D[];
}

/**
 * Next-token prediction with deep supervision: every recursion step is asked for the target (Jolicoeur-Martineau 2025),
 * and the halting head, if there is one, learns when a step is good enough. A model of one step that does not halt is
 * trained by plain cross-entropy.
 */
export function nextToken(options: NextTokenOptions = NEXT_TOKEN): Objective {
  return ({ forward, params, batch, context, steps }) => {
    const pass = forward(params, { ids: batch.ids, segments: batch.segments }, { context });
    const targets = tf.reshape(batch.targets, [-1]) as Tensor1D;
    return scoreForward(unrolled(options, steps), pass, targets);
  };
}

/** The weights of the steps that are unrolled, where those are not all. */
function unrolled(options: NextTokenOptions, steps: number | undefined): NextTokenOptions {
  const { stepWeights: given } = options;
  return steps === undefined || given === null ? options : { ...options, stepWeights: given.slice(0, steps) };
}

/** The loss of one pass. @param targets int32 [N]; negative where nothing is to be predicted */
function scoreForward(options: NextTokenOptions, pass: Forward, targets: Tensor1D): ObjectiveResult {
  const tokenWeights = meanWeights(targets);
  const average = (x: Tensor): Scalar => tf.sum(tf.mul(tokenWeights, x)) as Scalar;
  const halting =
    pass.halting.length === 0 ? null : haltingObjective(options.halting, pass.halting, tokenWeights);
  const scores = scoreSteps(options, pass, targets, tokenWeights, halting);
  const terms = { ...halting?.terms(scores), ...statisticTerms(options, pass) };
  const loss = tf.addN([scores.loss, ...Object.values(terms), ...(halting?.regularisers() ?? [])]) as Scalar;
  const crossEntropy = scores.nll.map(average);
  const accuracy = scores.correct.map(average);
  return {
    loss,
    crossEntropy: crossEntropy.at(-1)!,
    accuracy: accuracy.at(-1)!,
    metrics: {
      'loss/total': loss,
      ...terms,
      ...perStep('loss/step_', crossEntropy),
      ...perStep('act/acc_step', accuracy),
      ...halting?.metrics(),
      ...pass.statistics,
    },
    peaks: pass.peaks,
  };
}

/** Cross-entropy of all steps in one pass over the vocabulary head. */
function scoreSteps(
  options: NextTokenOptions,
  { features, head }: Forward,
  targets: Tensor1D,
  tokenWeights: Tensor1D,
  halting: HaltingTerms | null,
): StepScores {
  const [steps, , , width] = features.shape;
  const shares = supervisionWeights(options.stepWeights, steps);
  const weightOf = (k: number): Tensor1D => {
    const mass = halting?.supervision(k) ?? null;
    return tf.mul(tokenWeights, mass === null ? shares[k]! : stopGradient(mass)) as Tensor1D;
  };
  const { loss, nll, correct } = linearCrossEntropy({
    features: tf.reshape(features, [-1, width]) as Tensor2D,
    table: head,
    targets: tf.tile(targets, [steps]),
    weights: tf.concat(Array.from({ length: steps }, (_, k) => weightOf(k))),
  });
  return { loss, nll: tf.split(nll, steps), correct: tf.split(correct, steps) };
}

/** @throws ForgeError AF_CONFIG_INVALID when there is not one weight per step, or all are zero */
function supervisionWeights(given: readonly number[] | null, steps: number): readonly number[] {
  if (given === null) return stepWeights(steps);
  const total = given.reduce((sum, weight) => sum + weight, 0);
  if (given.length === steps && total > 0) return given.map((weight) => weight / total);
  throw new ForgeError('AF_CONFIG_INVALID', 'The step weights of the objective do not fit the model.', {
    at: 'objective.stepWeights',
    fix: 'Give one weight per recursion step, at least one above 0, or null for the default.',
    facts: { steps, given },
  });
}

function statisticTerms(
  { statisticWeights }: NextTokenOptions,
  { statistics }: Forward,
): Record<string, Scalar> {
  return Object.fromEntries(
    Object.entries(statisticWeights).flatMap(([name, weight]) => {
      const value = statistics[name];
      return value === undefined || weight === 0
        ? []
        : [[`loss/${name.replaceAll('/', '_')}`, tf.mul(value, weight) as Scalar] as const];
    }),
  );
}

function perStep(prefix: string, values: readonly Scalar[]): Record<string, Scalar> {
  return Object.fromEntries(values.map((value, k) => [`${prefix}${k}`, value]));
}
