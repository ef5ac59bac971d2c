import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
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
  return straightThrough(x, rounded8);
}

/**
 * Inputs rounded to 8 bits in blocks of their own scale, as the kernels do that multiply with codes: what is trained so runs
 * so. The last block may be shorter.
 *
 * @param x [n, in]
 * @param block inputs of a token that share a scale
 */
export function int8Blocks(x: Tensor2D, block: number): Tensor2D {
  const [rows, width] = x.shape;
  if (width <= block) return int8Tokens(x);
  return straightThrough(x, (value) => {
    const blocks = Math.ceil(width / block);
    const padded = tf.pad(value, [
      [0, 0],
      [0, blocks * block - width],
    ]);
    const rounded = rounded8(tf.reshape(padded, [rows, blocks, block]));
    return tf.slice(tf.reshape(rounded, [rows, blocks * block]), [0, 0], [rows, width]) as Tensor2D;
  });
}

function rounded8<T extends Tensor>(value: T): T {
  const scale = tf.div(MOST, tf.maximum(tf.max(tf.abs(value), -1, true), LEAST_PEAK));
  return tf.div(tf.round(tf.mul(value, scale)), scale) as T;
}
