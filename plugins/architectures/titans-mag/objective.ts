import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Batch, Objective } from '../../../core/contracts/architecture.js';
import type { FunctionContext } from '../../../core/contracts/engine.js';
import type { TensorMap } from '../../../core/contracts/tensor.js';
import { stopGradient } from '../../../nn/layers/index.js';
import {
  expectedSteps,
  haltingLoss,
  haltingMasses,
  linearCrossEntropy,
  meanWeights,
  ponderLoss,
  stepWeights,
  thresholdSteps,
} from '../../../nn/losses/index.js';
import { answer, type Answer } from './answer.js';
import type { TitansMagConfig } from './config.js';
import { attentionSites } from './describe.js';

/** One value per token and step. */
interface Scores {
  /** sum over steps of weight * CE, with gradient */
  readonly loss: Scalar;
  /** [N] per step, without gradient */
  readonly nll: readonly Tensor1D[];
  readonly correct: readonly Tensor1D[];
}

/** What the halting head says, per step and flattened over tokens. */
interface Halting {
  readonly logits: readonly Tensor1D[];
  /** q_k */
  readonly probabilities: readonly Tensor1D[];
  /** p_k, the last step taking the rest */
  readonly masses: readonly Tensor1D[];
}

/** Training loss of one batch: deep supervision, halting and gate entropy (spec 1.4). */
export function objective(
  config: TitansMagConfig,
  params: TensorMap,
  batch: Batch,
  context: FunctionContext | null,
): Objective {
  const pass = answer(config, params, batch.ids, batch.segments, context);
  const targets = flatten(batch.targets);
  const tokenWeights = meanWeights(targets);
  const halting = haltingOf(pass);
  const scores = scoreSteps(config, pass, targets, tokenWeights, halting.masses);
  const terms = {
    'loss/act': haltingTerm(config, halting, scores, tokenWeights),
    'loss/gate_entropy': tf.mul(pass.trunk.gateEntropy, -config.gateEntropyWeight) as Scalar,
  };
  const extras = haltingExtras(config, halting, tokenWeights);
  const loss = tf.addN([scores.loss, ...Object.values(terms), extras]) as Scalar;
  const average = averageOver(tokenWeights);
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
      ...haltingMetrics(config, halting, tokenWeights),
      ...pass.trunk.statistics,
    },
    peaks: attentionSites(config).map((site, i) => ({ ...site, peak: pass.peaks[i]! })),
  };
}

function haltingOf(pass: Answer): Halting {
  const logits = pass.halting.map(flatten);
  const probabilities = logits.map((l) => tf.sigmoid(l) as Tensor1D);
  return { logits, probabilities, masses: haltingMasses(probabilities) };
}

function haltingMetrics(
  config: TitansMagConfig,
  halting: Halting,
  tokenWeights: Tensor1D,
): Record<string, Scalar> {
  const { probabilities, masses } = halting;
  const average = averageOver(tokenWeights);
  const expected = average(expectedSteps(masses));
  const variances = tf.addN(probabilities.map((q) => tokenVariance(q, tokenWeights)));
  return {
    ...perStep('act/halt_prob_step', probabilities.map(average)),
    'act/avg_steps': average(thresholdSteps(masses, config.actThreshold)),
    'act/expected_steps': expected,
    'act/ponder_cost': tf.mul(expected, config.ponderCost) as Scalar,
    'act/q_token_variance': tf.div(variances, probabilities.length) as Scalar,
  };
}

/** Cross-entropy of all steps in one pass over the vocabulary head. */
function scoreSteps(
  config: TitansMagConfig,
  pass: Answer,
  targets: Tensor1D,
  tokenWeights: Tensor1D,
  masses: readonly Tensor1D[],
): Scores {
  const { steps, weights } = pass;
  const width = config.dModel;
  const answers = tf.concat(steps.map((step) => tf.reshape(step.answer, [-1, width])));
  const ponders = config.haltingObjective === 'ponder';
  const shares = supervisionWeights(config);
  const weightOf = (k: number): Tensor1D =>
    tf.mul(tokenWeights, ponders ? stopGradient(masses[k]!) : shares[k]!) as Tensor1D;
  const { loss, nll, correct } = linearCrossEntropy({
    features: tf.matMul(answers as Tensor2D, weights.projection, false, true),
    table: weights.table,
    targets: tf.tile(targets, [steps.length]),
    weights: tf.concat(steps.map((_, k) => weightOf(k))),
  });
  return { loss, nll: tf.split(nll, steps.length), correct: tf.split(correct, steps.length) };
}

function supervisionWeights(config: TitansMagConfig): number[] {
  const given = config.recursion.supervisionWeights;
  if (given === null) return stepWeights(config.recursion.steps);
  const total = given.reduce((sum, weight) => sum + weight, 0);
  return given.map((weight) => weight / total);
}

/**
 * What trains the halting head: whether each step's most likely token is right, or PonderNet's mixture. The
 * mixture's cross-entropy is in the main loss already (its tokens are weighted by p_k there), so its value is taken
 * out here and only its gradient by p_k stays.
 */
function haltingTerm(
  config: TitansMagConfig,
  halting: Halting,
  scores: Scores,
  tokenWeights: Tensor1D,
): Scalar {
  const { logits, masses } = halting;
  if (config.haltingObjective === 'ponder') {
    const mixture = ponderLoss(masses, scores.nll, tokenWeights, config.ponderPrior, config.ponderKlWeight);
    return tf.sub(mixture, stopGradient(scores.loss));
  }
  const weights = tf.mul(tf.tile(tokenWeights, [logits.length]), config.actWeight / logits.length);
  return haltingLoss(tf.concat([...logits]), tf.concat([...scores.correct]), weights);
}

/** Cost per expected step, reward for undecided halting, and the hinge against equal halting everywhere. */
function haltingExtras(config: TitansMagConfig, halting: Halting, tokenWeights: Tensor1D): Scalar {
  const { probabilities, masses } = halting;
  const share = 1 / probabilities.length;
  const average = averageOver(tokenWeights);
  const entropy = tf.addN(probabilities.map((q) => tf.mul(average(bernoulliEntropy(q)), share)));
  const terms: Tensor[] = [tf.mul(entropy, -config.actEntropyWeight)];
  if (config.ponderCost > 0) terms.push(tf.mul(average(expectedSteps(masses)), config.ponderCost));
  if (config.actVarianceWeight > 0) {
    const hinges = probabilities.map((q) => tf.relu(tf.sub(0.1, tokenVariance(q, tokenWeights))));
    terms.push(tf.mul(tf.addN(hinges), config.actVarianceWeight * share));
  }
  return tf.addN(terms) as Scalar;
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

function perStep(prefix: string, values: readonly Scalar[]): Record<string, Scalar> {
  return Object.fromEntries(values.map((value, k) => [`${prefix}${k}`, value]));
}

function flatten(x: Tensor): Tensor1D {
  return tf.reshape(x, [-1]) as Tensor1D;
}

function averageOver(tokenWeights: Tensor1D): (x: Tensor) => Scalar {
  return (x) => tf.sum(tf.mul(tokenWeights, x)) as Scalar;
}
