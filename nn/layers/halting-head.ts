import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { linear } from './linear.js';

/** w_h [d] and b_h [1]. */
export interface HaltingWeights {
  readonly weight: Tensor1D;
  readonly bias: Tensor1D;
}

/** Logit of the probability of halting after this step, for every token. @param z [B, T, d] @returns [B, T] */
export function haltingLogits(z: Tensor3D, weights: HaltingWeights): Tensor2D {
  const [rows, length, width] = z.shape;
  return tf.reshape(linear(z, tf.reshape(weights.weight, [width, 1]), weights.bias), [rows, length]);
}
