import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { CompressionHints } from '../../core/contracts/compressor.js';

/** Weights by what shares a scale. */
export interface MatrixRows {
  readonly count: number;
  /** Weights of each. */
  readonly length: number;
  /** Where weight `i` of a row lies in the tensor. */
  at(row: number, i: number): number;
  /** The weights of a row, copied where they do not lie together. */
  of(data: ArrayLike<number>, row: number): ArrayLike<number>;
}

/**
 * The rows of outputs of a matrix, or the whole tensor as one. What is no matrix has one row.
 * @param hints `layout` says where the outputs are: the columns of [in, out], the rows of [out, in]
 */
export function rowsOf(
  shape: readonly number[],
  granularity: 'tensor' | 'row',
  { layout = 'in-out' }: CompressionHints = {},
): MatrixRows {
  const [first = 1, second = 1] = shape;
  if (granularity === 'tensor' || shape.length !== 2)
    return {
      count: 1,
      length: shape.reduce((product, side) => product * side, 1),
      at: (_, i) => i,
      of: (data) => data,
    };
  if (layout === 'out-in')
    return {
      count: first,
      length: second,
      at: (row, i) => row * second + i,
      of: (data, row) => Float32Array.from({ length: second }, (_, i) => data[row * second + i]!),
    };
  return {
    count: second,
    length: first,
    at: (row, i) => i * second + row,
    of: (data, row) => Float32Array.from({ length: first }, (_, i) => data[i * second + row]!),
  };
}

/** A tensor of tfjs as [rows, weights of a row], as {@link rowsOf} has them, and the way back. */
export function asRows(
  weight: Tensor,
  granularity: 'tensor' | 'row',
  { layout = 'in-out' }: CompressionHints = {},
): { readonly rows: Tensor2D; back(rows: Tensor): Tensor } {
  const { shape } = weight;
  if (granularity === 'tensor' || shape.length !== 2)
    return { rows: tf.reshape(weight, [1, -1]) as Tensor2D, back: (rows) => tf.reshape(rows, shape) };
  if (layout === 'out-in') return { rows: weight as Tensor2D, back: (rows) => rows };
  return { rows: tf.transpose(weight) as Tensor2D, back: (rows) => tf.transpose(rows) };
}
