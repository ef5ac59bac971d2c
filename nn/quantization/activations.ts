import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import { straightThrough } from '../layers/stop-gradient.js';

/** Largest |x| that a token is taken to have at least, so that a token of zeros has a scale. */
const LEAST_PEAK = 1e-5;
const MOST = 127;

/**
 * Inputs rounded to 8 bits per token (Wang et al. 2023): with s = 127 / max |x| over the last axis, clip(round(x s), -128,
 * 127) / s. Nothing is larger than the largest, so nothing is clipped and that pass is left out. The gradient passes straight
 * through.
 *
 * @param x [..., in]
 */
export function int8Tokens<T extends Tensor>(x: T): T {
  return straightThrough(x, (value) => {
    const scale = tf.div(MOST, tf.maximum(tf.max(tf.abs(value), -1, true), LEAST_PEAK));
    return tf.div(tf.round(tf.mul(value, scale)), scale) as T;
  });
}
