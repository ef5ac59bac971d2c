import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import { stopGradient } from '../layers/index.js';

/** What the thoughts of a batch were worth; nothing here carries a gradient. */
export interface Rewards {
  /** R [B, P, N]: sum_a ln p_mix(x_(j+1+a)), nats. */
  readonly reward: Tensor3D;
  /** [B, P, N]: R less its mean over the N thoughts of the place, divided by `spread`; not below 0 where clamped. */
  readonly advantage: Tensor3D;
  /** Root of the mean square of R less its mean, over the places that count. */
  readonly deviation: Scalar;
}

export interface RewardInput {
  /** [B, P, N, A]: -ln p_mix of each predicted token. */
  readonly nll: Tensor4D;
  /** [B, P, N, A]: 1 where the token counts. */
  readonly counts: Tensor4D;
  /** Scale of rewards, an input of the program: see {@link RewardScale}. */
  readonly spread: Tensor;
  /** Drop thoughts that are worse than the mean of their place. */
  readonly clamped: boolean;
}

/**
 * Rewards of thoughts (Zelikman et al. 2024, 4.4). What the text alone predicts is the same for all thoughts of a place
 * and goes out with the mean.
 */
export function rewardThoughts({ nll, counts, spread, clamped }: RewardInput): Rewards {
  const fixed = stopGradient(tf.neg(tf.mul(nll, counts)));
  const reward = tf.sum(fixed, 3) as Tensor3D;
  const difference = tf.sub(reward, tf.mean(reward, 2, true)) as Tensor3D;
  const counting = tf.cast(tf.greater(tf.sum(counts, 3), 0), 'float32');
  const square = tf.sum(tf.square(difference));
  const deviation = tf.sqrt(tf.div(square, tf.maximum(tf.sum(counting), 1))) as Scalar;
  const scaled = tf.div(difference, tf.maximum(spread, LEAST_SPREAD)) as Tensor3D;
  return { reward, advantage: clamped ? tf.relu(scaled) : scaled, deviation };
}

/** Rewards that differ by less than rounding are the same. */
const LEAST_SPREAD = 1e-6;

/**
 * Running scale of rewards on the host: an average of their variance, so that one learning rate serves rewards of any
 * size. 1 until something was seen.
 */
export class RewardScale {
  /** @param variance what {@link state} gave */
  constructor(
    private readonly decay = 0.99,
    private variance: number | null = null,
  ) {}

  /** What to divide advantages by. */
  get value(): number {
    return this.variance === null || this.variance === 0 ? 1 : Math.sqrt(this.variance);
  }

  /** @param deviation as a step measured it (`rl/reward_std`) */
  observe(deviation: number): void {
    const square = deviation * deviation;
    this.variance = this.variance === null ? square : this.decay * this.variance + (1 - this.decay) * square;
  }

  /** For checkpoints. */
  get state(): number | null {
    return this.variance;
  }
}
