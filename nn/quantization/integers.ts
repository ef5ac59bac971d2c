import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { CompressionHints } from '../../core/contracts/compressor.js';
import type { HostTensor } from '../../core/contracts/tensor.js';
import { straightThrough } from '../layers/stop-gradient.js';
import { halfRounded, halfRoundedTensor } from './half-rounded.js';
import { asRows, asTensor, rowsOf, together } from './rows.js';

/** How weights become integers times a scale: one scale for a row of outputs, or for blocks along its inputs. */
export interface IntegerFormat {
  /** Weights of a row that share a scale; null: all of them. */
  readonly block: number | null;
  /** Smallest and largest code. Where the smallest reaches further, the weight of the largest |w| gets it, of any sign. */
  readonly least: number;
  readonly most: number;
  readonly scales: 'float32' | 'float16';
}

/** Eight bits, symmetric, a scale per row of outputs. */
export const INT8: IntegerFormat = { block: null, least: -127, most: 127, scales: 'float32' };

/**
 * Four bits, a half float scale per 32 weights. The scale is the weight of the largest magnitude, with its sign, over -8, as
 * in GGUF Q4_0: 22% less squared error on Gaussian weights than codes from -7 to 7.
 */
export const INT4: IntegerFormat = { block: 32, least: -8, most: 7, scales: 'float16' };

/** A tensor in integer codes. */
export interface IntegerTensor {
  readonly shape: readonly number[];
  /** As the tensor lies. */
  readonly codes: Int8Array;
  /** [rows of outputs, blocks of a row] */
  readonly scales: Float32Array;
}

/** Blocks of a row of `length` weights. */
export function blocksOf({ block }: IntegerFormat, length: number): number {
  return block === null ? 1 : Math.ceil(length / block);
}

/** Integer codes of a tensor in host memory: the nearest multiple of the scale as it is stored, ties to even. */
export function integers(
  tensor: HostTensor,
  format: IntegerFormat,
  hints: CompressionHints = {},
): IntegerTensor {
  const rows = rowsOf(tensor.shape, 'row', hints);
  const blocks = blocksOf(format, rows.length);
  const size = format.block ?? rows.length;
  const scales = new Float32Array(rows.count * blocks);
  const weights = together(tensor.data, rows, () => new Float32Array(tensor.data.length));
  const codes = new Int8Array(weights.length);
  for (let row = 0; row < rows.count; row++) {
    const start = row * rows.length;
    const ofRow = scalesOf(weights.subarray(start, start + rows.length), blocks, size, format);
    scales.set(ofRow, row * blocks);
    writeCodes(codes, weights, { start, end: start + rows.length, size, scales: ofRow }, format);
  }
  return { shape: tensor.shape, codes: asTensor(codes, rows, () => new Int8Array(codes.length)), scales };
}

/** A row of weights and the scales of its blocks. */
interface Row {
  readonly start: number;
  readonly end: number;
  /** Of a block. */
  readonly size: number;
  readonly scales: Float32Array;
}

/** Added to a number and taken off again it leaves the nearest integer, ties to even: 1.5 * 2^52, whose spacing is 1. */
const ROUNDING = 1.5 * 2 ** 52;

function writeCodes(
  codes: Int8Array,
  weights: HostTensor['data'],
  { start, end, size, scales }: Row,
  { least, most }: IntegerFormat,
): void {
  for (let block = 0, from = start; from < end; block++, from += size) {
    const scale = scales[block]!;
    if (scale === 0) continue;
    const to = Math.min(end, from + size);
    for (let i = from; i < to; i++) {
      const code = Math.fround(weights[i]! / scale) + ROUNDING - ROUNDING;
      codes[i] = code > most ? most : code < least ? least : code;
    }
  }
}

/** Scales of the blocks of a row, as they are stored. */
function scalesOf(
  weights: HostTensor['data'],
  blocks: number,
  size: number,
  format: IntegerFormat,
): Float32Array {
  const scales = new Float32Array(blocks);
  for (let block = 0; block < blocks; block++) scales[block] = scaleOf(weights, block * size, size, format);
  return format.scales === 'float16' ? halfRounded(scales) : scales;
}

/** What the weights from `start` on are multiples of. */
function scaleOf(
  weights: HostTensor['data'],
  start: number,
  size: number,
  { least, most }: IntegerFormat,
): number {
  const end = Math.min(weights.length, start + size);
  let lowest = 0;
  let highest = 0;
  for (let i = start; i < end; i++) {
    const weight = weights[i]!;
    if (weight < lowest) lowest = weight;
    else if (weight > highest) highest = weight;
  }
  if (least === -most) return Math.max(highest, -lowest) / most;
  return (highest >= -lowest ? highest : lowest) / least;
}

/** Scale times code of every weight. @returns float32 */
export function integerValues(
  { shape, codes, scales }: IntegerTensor,
  format: IntegerFormat,
  hints: CompressionHints = {},
): HostTensor {
  const rows = rowsOf(shape, 'row', hints);
  const blocks = blocksOf(format, rows.length);
  const size = format.block ?? rows.length;
  const ofRows = together(codes, rows, () => new Int8Array(codes.length));
  const data = new Float32Array(codes.length);
  for (let row = 0; row < rows.count; row++) {
    const end = (row + 1) * rows.length;
    for (let block = 0, from = row * rows.length; from < end; block++, from += size) {
      const scale = scales[row * blocks + block]!;
      const to = Math.min(end, from + size);
      for (let i = from; i < to; i++) data[i] = scale * ofRows[i]!;
    }
  }
  return { shape, dtype: 'float32', data: asTensor(data, rows, () => new Float32Array(data.length)) };
}

/**
 * The same values in tfjs, with the gradient of the weights themselves (straight-through; Bengio et al. 2013).
 *
 * @param weight of any shape
 */
export function integerStraightThrough<T extends Tensor>(
  weight: T,
  format: IntegerFormat,
  hints: CompressionHints = {},
): T {
  return straightThrough(weight, (latent) => {
    const grouped = asRows(latent, 'row', hints);
    return grouped.back(inBlocks(grouped.rows, format, (blocks) => nearest(blocks, format))) as T;
  });
}

/** A function of rows of blocks [n, block], applied to rows [rows, length]. */
function inBlocks(rows: Tensor2D, { block }: IntegerFormat, fn: (blocks: Tensor2D) => Tensor2D): Tensor2D {
  const [count, length] = rows.shape;
  if (block === null) return fn(rows);
  const width = Math.ceil(length / block) * block;
  const padded =
    width === length
      ? rows
      : tf.pad(rows, [
          [0, 0],
          [0, width - length],
        ]);
  const found = tf.reshape(fn(tf.reshape(padded, [-1, block])), [count, width]);
  return (width === length ? found : tf.slice(found, [0, 0], [-1, length])) as Tensor2D;
}

function nearest(weights: Tensor2D, { least, most, scales }: IntegerFormat): Tensor2D {
  const highest = tf.maximum(tf.max(weights, 1, true), 0);
  const lowest = tf.minimum(tf.min(weights, 1, true), 0);
  const exact =
    least === -most
      ? tf.div(tf.maximum(highest, tf.neg(lowest)), most)
      : tf.div(tf.where(tf.greaterEqual(highest, tf.neg(lowest)), highest, lowest), least);
  const scale = scales === 'float16' ? halfRoundedTensor(exact) : exact;
  const divisor = tf.where(tf.equal(scale, 0), tf.onesLike(scale), scale);
  const codes = tf.clipByValue(tf.round(tf.div(weights, divisor)), least, most);
  return tf.mul(codes, scale);
}
