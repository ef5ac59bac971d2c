import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor } from '@tensorflow/tfjs';
import type { TensorDict, TensorMap, TensorSpecs } from '../../core/contracts/tensor.js';
import type { LowFormat } from '../precision/index.js';
import { specsOf } from './state.js';

/**
 * The number format of matrix products while training: float32, or a low format emulated with float32 master weights (no
 * hardware speed: `nn/precision`).
 */
export type Amp = 'off' | 'emulate-bf16' | 'emulate-fp16';

/** The format that products are rounded to; null: float32. */
export function lowFormatOf(amp: Amp = 'off'): LowFormat | null {
  return amp === 'off' ? null : amp === 'emulate-bf16' ? 'bf16' : 'fp16';
}

/** Scale of the loss at the first update. */
const START = 65536;
/** Updates without an overflow after which the scale doubles. */
const GROWTH_INTERVAL = 2000;
/** The scale halves with every overflow, down to this: a gradient that is not finite then is no fault of the scale. */
export const LEAST_LOSS_SCALE = 1;
/** Half of the smallest half float: what is no larger rounds to zero. */
const UNDERFLOW = 2 ** -25;

/**
 * Dynamic loss scaling (Micikevicius et al. 2018, section 3.2) as state of training. Half floats need it: gradients below
 * 6e-8 are zero in them. Bfloats reach as far down as float32, and have none.
 *
 * @returns `scale`, the clean updates since it last changed, and the overflows so far; nothing where nothing is scaled
 */
export function lossScaleStart(amp: Amp | undefined): TensorDict {
  if (amp !== 'emulate-fp16') return {};
  const scalar = (value: number) => ({ shape: [], dtype: 'float32', data: Float32Array.of(value) }) as const;
  return { scale: scalar(START), clean: scalar(0), overflows: scalar(0) };
}

export function lossScaleSpecs(amp: Amp | undefined): TensorSpecs {
  return specsOf(lossScaleStart(amp));
}

/** After an update: halved by an overflow, doubled after {@link GROWTH_INTERVAL} clean updates in a row. @param finite 1 or 0 */
export function nextLossScale({ scale, clean, overflows }: TensorMap, finite: Scalar): TensorMap {
  const isFinite = tf.greater(finite, 0);
  const inARow = tf.mul(tf.add(clean!, 1), finite);
  const grows = tf.greaterEqual(inARow, GROWTH_INTERVAL);
  const kept = tf.where(grows, tf.mul(scale!, 2), scale!);
  const halved = tf.maximum(tf.mul(scale!, 0.5), LEAST_LOSS_SCALE);
  return {
    scale: tf.where(isFinite, kept, halved),
    clean: tf.where(grows, tf.zerosLike(inARow), inARow),
    overflows: tf.add(overflows!, tf.sub(1, finite)),
  };
}

/** Share of the non-zero elements of scaled gradients that are zero as half floats. */
export function underflowFraction(scaled: readonly Tensor[]): Scalar {
  const count = (limit: number): Tensor =>
    tf.addN(scaled.map((gradient) => tf.sum(tf.cast(tf.greater(tf.abs(gradient), limit), 'float32'))));
  const nonZero = count(0);
  return tf.div(tf.sub(nonZero, count(UNDERFLOW)), tf.maximum(nonZero, 1)) as Scalar;
}
