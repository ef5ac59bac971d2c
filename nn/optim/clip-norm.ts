import * as tf from '@tensorflow/tfjs';
import type { Scalar } from '@tensorflow/tfjs';
import type { TensorMap } from '../../core/contracts/tensor.js';
import { globalNorm } from './newton-schulz.js';

export interface ClippedGradients {
  /** All zero when the norm is not finite. */
  readonly grads: TensorMap;
  /** Norm over all tensors before clipping. */
  readonly norm: Scalar;
  /** 1 when the norm is finite, else 0. */
  readonly finite: Scalar;
}

/** Norms at or above this count as not finite: float32 overflows at 3.4e38, and the norm squares. */
const FINITE_LIMIT = 1e18;

/** Scale all gradients together so that their global norm is at most `maximum`; drop them when it is not finite. */
export function clipByGlobalNorm(grads: TensorMap, maximum: number): ClippedGradients {
  const norm = globalNorm(Object.values(grads));
  // False for NaN too.
  const isFinite = tf.less(norm, FINITE_LIMIT);
  const factor = tf.minimum(1, tf.div(maximum, tf.add(norm, 1e-6)));
  const scaled = Object.entries(grads).map(([name, gradient]) => {
    // A product with zero would keep NaN.
    return [name, tf.where(isFinite, tf.mul(gradient, factor), tf.zeros(gradient.shape))] as const;
  });
  return { grads: Object.fromEntries(scaled), norm, finite: tf.cast(isFinite, 'float32') as Scalar };
}
