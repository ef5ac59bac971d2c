import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import { stopGradient } from '../layers/index.js';

/** What the thoughts of a batch were worth; nothing here carries a gradient. */
export interface Rewards {
  /** R [B, P, N]: sum_a ln p_mix(x_(j+1+a)), nats. */
  readonly reward: Tensor3D;
  /**
   * [B, P, N]: R less its mean over the N thoughts of the place, divided by `spread`; 0 where its size is not above
   * `threshold`, and not below 0 where clamped.
   */
  readonly advantage: Tensor3D;
  /** Root of the mean square of R less its mean, over the places that count. */
  readonly deviation: Scalar;
}

export interface RewardInput {
  /** [B, P, N, A]: -ln p_mix of each predicted token. */
  readonly nll: Tensor4D;
  /** [B, P, N, A]: 1 where the token counts. */
  readonly counts: Tensor4D;
  /** Scale of rewards, an input of the program: see {@link RewardScale}. 0: it is not known, and `deviation` stands in. */
  readonly spread: Tensor;
  /** In spreads, an input of the program: what a thought must be better than its place by to be reinforced. */
  readonly threshold: Tensor;
  /** Drop thoughts that are worse than the mean of their place. */
  readonly clamped: boolean;
}

/**
 * Rewards of thoughts (Zelikman et al. 2024, 4.4). What the text alone predicts is the same for all thoughts of a place
 * and goes out with the mean.
 */
export function rewardThoughts({ nll, counts, spread, threshold, clamped }: RewardInput): Rewards {
  const fixed = stopGradient(tf.neg(tf.mul(nll, counts)));
  const reward = tf.sum(fixed, 3) as Tensor3D;
  const difference = tf.sub(reward, tf.mean(reward, 2, true)) as Tensor3D;
  const counting = tf.cast(tf.greater(tf.sum(counts, 3), 0), 'float32');
  const square = tf.sum(tf.square(difference));
  const deviation = tf.sqrt(tf.div(square, tf.maximum(tf.sum(counting), 1))) as Scalar;
  const scale = tf.where(tf.greater(spread, 0), spread, deviation);
  const scaled = tf.div(difference, tf.maximum(scale, LEAST_SPREAD));
  const enough = tf.cast(tf.greater(tf.abs(scaled), threshold), 'float32');
  const counted = tf.mul(scaled, enough) as Tensor3D;
  return { reward, advantage: clamped ? tf.relu(counted) : counted, deviation };
}

/** Rewards that differ by less than rounding are the same. */
const LEAST_SPREAD = 1e-6;

/** What {@link RewardScale} keeps: weighted squares that were seen, and their weights. JSON. */
export interface RewardScaleState {
  readonly squares: number;
  readonly weight: number;
}

/**
 * Running scale of rewards on the host: the root of a mean of their squares, so that one learning rate serves rewards of any
 * size. The mean is of what was seen and nothing else, as Adam corrects its moments (Kingma and Ba 2015, section 3): the first
 * update, whose rewards may be tiny, weighs no more than the second.
 */
export class RewardScale {
  private squares: number;
  private weight: number;

  /** @param state what {@link state} gave */
  constructor(
    private readonly decay = 0.99,
    state: RewardScaleState | null = null,
  ) {
    this.squares = state?.squares ?? 0;
    this.weight = state?.weight ?? 0;
  }

  /** What to divide advantages by; 0 until something was seen. */
  get value(): number {
    return this.weight === 0 ? 0 : Math.sqrt(this.squares / this.weight);
  }

  /** @param deviation as a step measured it (`rl/reward_std`); one that is not finite says nothing */
  observe(deviation: number): void {
    if (!Number.isFinite(deviation)) return;
    this.squares = this.decay * this.squares + (1 - this.decay) * deviation * deviation;
    this.weight = this.decay * this.weight + (1 - this.decay);
  }

  /** For checkpoints. */
  get state(): RewardScaleState {
    return { squares: this.squares, weight: this.weight };
  }
}
