import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import { halfBytes, halvesOf } from '../packing/half.js';
import { powerOfTwoBelow } from '../precision/low-formats.js';

/** The largest finite half float; what is larger becomes it. */
const LARGEST = 65504;
/** 2^-14: below it halves are evenly spaced. */
const SMALLEST_NORMAL = 2 ** -14;
/** Spacing of halves relative to the power of two below them. */
const SPACING = 2 ** -10;

/** Floats as half floats hold them, to the nearest, ties to even; beyond +-65504 they are cut off. */
export function halfRounded(values: Float32Array): Float32Array {
  return halvesOf(roundedHalfBytes(values));
}

/** The same as little-endian half floats. */
export function roundedHalfBytes(values: ArrayLike<number>): Uint8Array {
  const cut = new Float32Array(values);
  for (let i = 0; i < cut.length; i++) {
    const value = cut[i]!;
    if (value > LARGEST) cut[i] = LARGEST;
    else if (value < -LARGEST) cut[i] = -LARGEST;
  }
  return halfBytes(cut);
}

/**
 * The same in tfjs, to the bit: rounded to multiples of the spacing of halves at |x|. Only exact operations take part, so
 * engines agree.
 */
export function halfRoundedTensor<T extends Tensor>(x: T): T {
  const cut = tf.clipByValue(x, -LARGEST, LARGEST);
  const spacing = tf.mul(powerOfTwoBelow(tf.maximum(tf.abs(cut), SMALLEST_NORMAL)), SPACING);
  return tf.mul(tf.round(tf.div(cut, spacing)), spacing) as T;
}
