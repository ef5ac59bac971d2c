import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor } from '@tensorflow/tfjs';
import { withGradient } from '../layers/with-gradient.js';

/**
 * Binary cross-entropy of halting logits against whether the step's most likely token was right:
 * sum of weight * (softplus(l) - l h), nats. Its gradient is weight * (sigmoid(l) - h).
 *
 * @param logits any shape
 * @param targets h in {0, 1}, the same shape, without gradient
 * @param weights what each element counts, the same shape, without gradient
 */
export function haltingLoss(logits: Tensor, targets: Tensor, weights: Tensor): Scalar {
  return withGradient<Scalar>([logits], (l) => ({
    value: tf.sum(tf.mul(weights, tf.sub(tf.softplus(l!), tf.mul(l!, targets)))) as Scalar,
    saved: [l!, targets, weights],
    gradient: (dy, saved) => {
      const [logit, target, weight] = saved as [Tensor, Tensor, Tensor];
      return [tf.mul(tf.mul(tf.sub(tf.sigmoid(logit), target), weight), dy)];
    },
  }));
}

/**
 * Probability p_k of halting exactly after step k: q_k prod_{j<k} (1 - q_j), with the rest on the last step
 * (PonderNet, Banino et al. 2021, eq. 5). The masses sum to 1.
 *
 * @param halting q_1..q_K, each of the same shape
 */
export function haltingMasses<T extends Tensor>(halting: readonly T[]): T[] {
  let remaining: Tensor = tf.onesLike(halting[0]!);
  return halting.map((q, k) => {
    if (k === halting.length - 1) return remaining as T;
    const mass = tf.mul(q, remaining) as T;
    remaining = tf.sub(remaining, mass);
    return mass;
  });
}

/** E[steps] = sum_k k p_k for every token. */
export function expectedSteps<T extends Tensor>(masses: readonly T[]): T {
  return tf.addN(masses.map((mass, k) => tf.mul(mass, k + 1))) as T;
}

/**
 * Steps that the inference rule would take: the first k whose cumulative mass reaches the threshold, at most K.
 * Without gradient.
 */
export function thresholdSteps<T extends Tensor>(masses: readonly T[], threshold: number): T {
  let cumulative: Tensor = tf.zerosLike(masses[0]!);
  let steps: Tensor = tf.onesLike(masses[0]!);
  for (const mass of masses.slice(0, -1)) {
    cumulative = tf.add(cumulative, mass);
    steps = tf.add(steps, tf.cast(tf.less(cumulative, threshold), 'float32'));
  }
  return steps as T;
}

/**
 * PonderNet's objective (eq. 6): sum_k p_k nll_k + beta KL(p || truncated geometric prior), weighted per token.
 *
 * @param masses p_k, each of one shape
 * @param nll nats per step, without gradient
 * @param weights what each token counts, without gradient
 * @param rate success probability of the geometric prior, in (0, 1)
 */
export function ponderLoss(
  masses: readonly Tensor[],
  nll: readonly Tensor[],
  weights: Tensor,
  rate: number,
  beta: number,
): Scalar {
  const prior = truncatedGeometric(rate, masses.length);
  const perToken = masses.map((mass, k) => {
    const divergence = tf.mul(mass, tf.sub(tf.log(tf.add(mass, 1e-12)), Math.log(prior[k]!)));
    return tf.add(tf.mul(mass, nll[k]!), tf.mul(divergence, beta));
  });
  return tf.sum(tf.mul(weights, tf.addN(perToken))) as Scalar;
}

/** rate (1 - rate)^(k-1) for k = 1..steps, normalised. */
export function truncatedGeometric(rate: number, steps: number): number[] {
  const raw = Array.from({ length: steps }, (_, k) => rate * Math.pow(1 - rate, k));
  const total = raw.reduce((sum, value) => sum + value, 0);
  return raw.map((value) => value / total);
}
