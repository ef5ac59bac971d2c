import * as tf from '@tensorflow/tfjs';
import type { Scalar } from '@tensorflow/tfjs';
import type { TensorMap } from '../../contracts/tensor.js';
import { globalNorm } from './newton-schulz.js';

export interface ClippedGradients {
  readonly grads: TensorMap;
  /** Norm over all tensors before clipping. */
  readonly norm: Scalar;
}

/** Scale all gradients together so that their global norm is at most `maximum`. */
export function clipByGlobalNorm(grads: TensorMap, maximum: number): ClippedGradients {
  const norm = globalNorm(Object.values(grads));
  const factor = tf.minimum(1, tf.div(maximum, tf.add(norm, 1e-6)));
  const scaled = Object.entries(grads).map(([name, gradient]) => [name, tf.mul(gradient, factor)] as const);
  return { grads: Object.fromEntries(scaled), norm };
}
