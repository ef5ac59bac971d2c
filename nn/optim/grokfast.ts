import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor } from '@tensorflow/tfjs';

/**
 * `lowpass`: g + lambda mu, Grokfast-EMA as published (Lee et al. 2024), which amplifies slow gradients.
 * `highpass`: g + lambda (g - mu), as earlier implementations had it, for comparison only.
 * `off`: g.
 */
export type GradientFilter = 'lowpass' | 'highpass' | 'off';

export interface GrokfastSettings {
  readonly filter: GradientFilter;
  /** Decay of the average, in [0.8, 0.99] in the paper. */
  readonly alpha: number;
  /** Strength, in [0.1, 5] in the paper. */
  readonly lambda: number;
}

export interface FilteredGradient {
  readonly gradient: Tensor;
  /** mu, the running average: the next state. */
  readonly average: Tensor;
}

/**
 * mu <- alpha mu + (1 - alpha) g, starting at the first g; then the filtered gradient.
 *
 * @param average mu of the last update; anything finite at the first
 * @param step 1 at the first update
 */
export function grokfast(
  gradient: Tensor,
  average: Tensor,
  step: Scalar,
  settings: GrokfastSettings,
): FilteredGradient {
  const keep = tf.mul(tf.cast(tf.greater(step, 1), 'float32'), settings.alpha);
  const slow = tf.add(tf.mul(average, keep), tf.mul(gradient, tf.sub(1, keep)));
  if (settings.filter === 'highpass') {
    return { gradient: tf.add(gradient, tf.mul(tf.sub(gradient, slow), settings.lambda)), average: slow };
  }
  return { gradient: tf.add(gradient, tf.mul(slow, settings.lambda)), average: slow };
}
