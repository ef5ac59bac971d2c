import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { stopGradient } from '../layers/index.js';
import { expectedSteps, haltingLoss, haltingMasses, ponderLoss, thresholdSteps } from '../losses/index.js';
import type { HaltingObjectiveOptions } from './defaults.js';
import type { StepScores } from './next-token.js';

/** What the halting head adds to a loss. */
export interface HaltingTerms {
  /** p_k where the mixture weighs the steps; null where the objective's own step weights do. */
  supervision(step: number): Tensor1D | null;
  /** Losses worth logging, by metric name. */
  terms(scores: StepScores): Readonly<Record<string, Scalar>>;
  /** Cost per expected step, reward for undecided halting, and the hinge against equal halting everywhere. */
  regularisers(): readonly Scalar[];
  metrics(): Readonly<Record<string, Scalar>>;
}

/** Flattened over N = B T tokens, one per step. */
interface Halting {
  readonly logits: readonly Tensor1D[];
  /** q_k */
  readonly probabilities: readonly Tensor1D[];
  /** p_k, the last step taking the rest */
  readonly masses: readonly Tensor1D[];
}

/** @param logits l_k [B, T] of every step @param tokenWeights [N], what each token counts */
export function haltingObjective(
  options: HaltingObjectiveOptions,
  logits: readonly Tensor2D[],
  tokenWeights: Tensor1D,
): HaltingTerms {
  const halting = flatten(logits);
  return {
    supervision: (step) => (options.learns === 'ponder' ? halting.masses[step]! : null),
    terms: (scores) => ({ 'loss/act': haltingTerm(options, halting, scores, tokenWeights) }),
    regularisers: () => [regularisation(options, halting, tokenWeights)],
    metrics: () => haltingMetrics(options, halting, tokenWeights),
  };
}

function flatten(perStep: readonly Tensor2D[]): Halting {
  const logits = perStep.map((l) => tf.reshape(l, [-1]) as Tensor1D);
  const probabilities = logits.map((l) => tf.sigmoid(l) as Tensor1D);
  return { logits, probabilities, masses: haltingMasses(probabilities) };
}

/**
 * The mixture's cross-entropy is in the main loss already (its tokens are weighted by p_k there), so its value is taken
 * out here and only its gradient by p_k stays.
 */
function haltingTerm(
  options: HaltingObjectiveOptions,
  { logits, masses }: Halting,
  scores: StepScores,
  tokenWeights: Tensor1D,
): Scalar {
  if (options.learns === 'ponder') {
    const { ponderPrior, ponderKlWeight } = options;
    const mixture = ponderLoss(masses, scores.nll, tokenWeights, ponderPrior, ponderKlWeight);
    return tf.sub(mixture, stopGradient(scores.loss));
  }
  const weights = tf.mul(tf.tile(tokenWeights, [logits.length]), options.weight / logits.length);
  return haltingLoss(tf.concat([...logits]), tf.concat([...scores.correct]), weights);
}

function regularisation(
  options: HaltingObjectiveOptions,
  { probabilities, masses }: Halting,
  tokenWeights: Tensor1D,
): Scalar {
  const share = 1 / probabilities.length;
  const average = averageOver(tokenWeights);
  const entropy = tf.addN(probabilities.map((q) => tf.mul(average(bernoulliEntropy(q)), share)));
  const terms: Tensor[] = [tf.mul(entropy, -options.entropyWeight)];
  if (options.ponderCost > 0) terms.push(tf.mul(average(expectedSteps(masses)), options.ponderCost));
  if (options.varianceWeight > 0) {
    const hinges = probabilities.map((q) => tf.relu(tf.sub(0.1, tokenVariance(q, tokenWeights))));
    terms.push(tf.mul(tf.addN(hinges), options.varianceWeight * share));
  }
  return tf.addN(terms) as Scalar;
}

function haltingMetrics(
  options: HaltingObjectiveOptions,
  { probabilities, masses }: Halting,
  tokenWeights: Tensor1D,
): Record<string, Scalar> {
  const average = averageOver(tokenWeights);
  const expected = average(expectedSteps(masses));
  const variances = tf.addN(probabilities.map((q) => tokenVariance(q, tokenWeights)));
  return {
    ...Object.fromEntries(probabilities.map((q, k) => [`act/halt_prob_step${k}`, average(q)])),
    'act/avg_steps': average(thresholdSteps(masses, options.threshold)),
    'act/expected_steps': expected,
    'act/ponder_cost': tf.mul(expected, options.ponderCost) as Scalar,
    'act/q_token_variance': tf.div(variances, probabilities.length) as Scalar,
  };
}

function bernoulliEntropy(q: Tensor1D): Tensor {
  const part = (p: Tensor): Tensor => tf.mul(p, tf.log(tf.add(p, 1e-12)));
  return tf.neg(tf.add(part(q), part(tf.sub(1, q))));
}

/** Variance over tokens with a target. */
function tokenVariance(q: Tensor1D, tokenWeights: Tensor1D): Scalar {
  const mean = tf.sum(tf.mul(tokenWeights, q));
  return tf.sum(tf.mul(tokenWeights, tf.square(tf.sub(q, mean)))) as Scalar;
}

function averageOver(tokenWeights: Tensor1D): (x: Tensor) => Scalar {
  return (x) => tf.sum(tf.mul(tokenWeights, x)) as Scalar;
}
