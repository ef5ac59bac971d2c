import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import type { CompressionHints } from '../../core/contracts/compressor.js';
import type { HostTensor } from '../../core/contracts/tensor.js';
import { straightThrough } from '../layers/stop-gradient.js';
import { asRows, asTensor, rowsOf, together } from './rows.js';

/** Scale of weights that are all zero, and the least of any: below it nothing is told from zero (BitNet b1.58). */
export const LEAST_SCALE = 1e-5;

/** How weights become -1, 0 and 1 times a scale. */
export interface TernaryOptions {
  /** Weights that share a scale: the whole tensor (Ma et al. 2024), or a row of outputs. */
  readonly granularity: 'tensor' | 'row';
  /** What a weight is measured by: the mean or the median of |w|. */
  readonly measure: 'mean' | 'median';
  /** Weights below this share of the measure are 0; 0.5 is rounding to the nearest. */
  readonly threshold: number;
  /** The scale of what is kept: the measure itself (published), or the mean of the kept |w| (least squares; Li et al. 2016). */
  readonly scale: 'measure' | 'kept';
}

/** BitNet b1.58 as published: alpha = mean |W|, codes = clip(round(W / alpha), -1, 1). */
export const PUBLISHED: TernaryOptions = {
  granularity: 'tensor',
  measure: 'mean',
  threshold: 0.5,
  scale: 'measure',
};

/** A tensor in ternary codes. */
export interface TernaryTensor {
  readonly shape: readonly number[];
  /** -1, 0 or 1 for every weight, as the tensor lies. */
  readonly codes: Int8Array;
  /** One for the tensor, or one for each row of outputs. */
  readonly scales: Float32Array;
}

/**
 * Ternary codes of a tensor in host memory. With the published threshold a weight of exactly half the measure becomes 0:
 * round half to even, as PyTorch, tfjs and ONNX round.
 */
export function ternary(
  tensor: HostTensor,
  options: TernaryOptions,
  hints: CompressionHints = {},
): TernaryTensor {
  const rows = rowsOf(tensor.shape, options.granularity, hints);
  const all = together(tensor.data, rows, () => new Float32Array(tensor.data.length));
  const codes = new Int8Array(all.length);
  const scales = new Float32Array(rows.count);
  for (let row = 0; row < rows.count; row++) {
    const [start, end] = [row * rows.length, (row + 1) * rows.length];
    const weights = all.subarray(start, end);
    const measure = measureOf(weights, options);
    const { kept, sum } = writeSigns(codes.subarray(start, end), weights, options.threshold * measure);
    scales[row] = options.scale === 'kept' && kept > 0 ? Math.max(LEAST_SCALE, sum / kept) : measure;
  }
  return { shape: tensor.shape, codes: asTensor(codes, rows, () => new Int8Array(codes.length)), scales };
}

/** Signs of the weights that are above the limit. @returns how many, and the sum of their |w| */
function writeSigns(
  codes: Int8Array,
  weights: HostTensor['data'],
  limit: number,
): { readonly kept: number; readonly sum: number } {
  let kept = 0;
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    const size = Math.abs(weight);
    if (size <= limit) continue;
    codes[i] = weight > 0 ? 1 : -1;
    kept++;
    sum += size;
  }
  return { kept, sum };
}

function measureOf(weights: HostTensor['data'], { measure }: TernaryOptions): number {
  if (measure === 'median') return Math.fround(Math.max(LEAST_SCALE, medianOf(weights)));
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += Math.abs(weights[i]!);
  return Math.fround(Math.max(LEAST_SCALE, sum / Math.max(1, weights.length)));
}

/** The lower of the two in the middle, which needs no rounding. */
function medianOf(weights: HostTensor['data']): number {
  const sizes = new Float32Array(weights.length);
  for (let i = 0; i < sizes.length; i++) sizes[i] = Math.abs(weights[i]!);
  sizes.sort();
  return sizes[Math.floor((sizes.length - 1) / 2)] ?? 0;
}

/** Scale times code of every weight. @returns float32 */
export function ternaryValues(
  { shape, codes, scales }: TernaryTensor,
  hints: CompressionHints = {},
): HostTensor {
  const rows = rowsOf(shape, scales.length === 1 ? 'tensor' : 'row', hints);
  const ofRows = together(codes, rows, () => new Int8Array(codes.length));
  const data = new Float32Array(codes.length);
  for (let row = 0; row < rows.count; row++) {
    const scale = scales[row]!;
    const end = (row + 1) * rows.length;
    for (let i = row * rows.length; i < end; i++) data[i] = scale * ofRows[i]!;
  }
  return { shape, dtype: 'float32', data: asTensor(data, rows, () => new Float32Array(data.length)) };
}

/**
 * The same in tfjs, with the gradient of the weights themselves (straight-through; Bengio et al. 2013): latents learn
 * while the pass computes with what they round to.
 *
 * @param weight latents of any shape
 */
export function ternaryStraightThrough<T extends Tensor>(
  weight: T,
  options: TernaryOptions,
  hints: CompressionHints = {},
): T {
  return straightThrough(weight, (latent) => {
    const grouped = asRows(latent, options.granularity, hints);
    const size = tf.abs(grouped.rows);
    const measure = tf.maximum(measured(size, options), LEAST_SCALE);
    const kept = tf.cast(tf.greater(size, tf.mul(measure, options.threshold)), 'float32');
    const scale = options.scale === 'kept' ? keptScale(size, kept, measure) : measure;
    return grouped.back(tf.mul(tf.mul(tf.sign(grouped.rows), kept), scale)) as T;
  });
}

/** @param size |w| [rows, n] @returns [rows, 1] */
function measured(size: Tensor, { measure }: TernaryOptions): Tensor {
  if (measure === 'mean') return tf.mean(size, 1, true);
  const width = size.shape[1]!;
  const { values } = tf.topk(size, width, true);
  return tf.slice(values, [0, width - 1 - Math.floor((width - 1) / 2)], [-1, 1]);
}

function keptScale(size: Tensor, kept: Tensor, measure: Tensor): Tensor {
  const count = tf.sum(kept, 1, true);
  const mean = tf.div(tf.sum(tf.mul(size, kept), 1, true), tf.maximum(count, 1));
  return tf.where(tf.greater(count, 0), tf.maximum(mean, LEAST_SCALE), measure);
}
