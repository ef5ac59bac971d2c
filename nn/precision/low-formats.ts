import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';

/** Number formats of 16 bits that training computes its matrix products in: bfloat16, and IEEE half floats. */
export type LowFormat = 'bf16' | 'fp16';

interface Grid {
  /** Distance of neighbours relative to the power of two below them. */
  readonly spacing: number;
  /** Below it numbers are evenly spaced. */
  readonly smallest: number;
  /** What rounds to more is infinite. */
  readonly largest: number;
}

const GRIDS: Readonly<Record<LowFormat, Grid>> = {
  // Bfloats are fine down to 2^-126; the spacing itself has to be a normal float32.
  bf16: { spacing: 2 ** -7, smallest: 2 ** -100, largest: Infinity },
  fp16: { spacing: 2 ** -10, smallest: 2 ** -14, largest: 65504 },
};

/**
 * Floats as a low format holds them, to the nearest, ties to even, as float32. What a half float cannot hold becomes
 * infinite, as the hardware has it. Only exact operations take part, so engines agree to the bit. Bfloats are right for
 * |x| in 2^-100..2^100: smaller ones are rounded to multiples of 2^-107, larger ones are not finite.
 */
export function roundedTo<T extends Tensor>(x: T, format: LowFormat): T {
  const { spacing, smallest, largest } = GRIDS[format];
  const step = tf.mul(powerOfTwoBelow(tf.maximum(tf.abs(x), smallest)), spacing);
  const rounded = tf.mul(tf.round(tf.div(x, step)), step);
  if (largest === Infinity) return rounded as T;
  return tf.where(tf.greater(tf.abs(rounded), largest), tf.mul(rounded, Infinity), rounded) as T;
}

/** Largest power of two that is at most x > 0, in float32 (Rump, Ogita and Oishi 2008, algorithm 3.6). */
export function powerOfTwoBelow(x: Tensor): Tensor {
  const large = tf.mul(x, 2 ** 23 + 1);
  return tf.sub(large, tf.mul(large, 1 - 2 ** -24));
}
