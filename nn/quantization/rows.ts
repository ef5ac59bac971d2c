import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { CompressionHints } from '../../core/contracts/compressor.js';
import type { HostTensor } from '../../core/contracts/tensor.js';

/** Weights by what shares a scale. */
export interface MatrixRows {
  readonly count: number;
  /** Weights of each. */
  readonly length: number;
  /** Whether they are the columns of the tensor, so that their weights lie apart. */
  readonly apart: boolean;
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
    return { count: 1, length: shape.reduce((product, side) => product * side, 1), apart: false };
  return layout === 'out-in'
    ? { count: first, length: second, apart: false }
    : { count: second, length: first, apart: true };
}

/** Numbers of a tensor row after row, each together; the array itself where they lie so. @param to where else they go */
export function together<T extends Numbers>(data: T, { count, length, apart }: MatrixRows, to: () => T): T {
  return apart ? transposed(data, length, count, to()) : data;
}

/** The way back: numbers row after row as the tensor lies. */
export function asTensor<T extends Numbers>(data: T, { count, length, apart }: MatrixRows, to: () => T): T {
  return apart ? transposed(data, count, length, to()) : data;
}

type Numbers = HostTensor['data'] | Int8Array;

/** Sides of the squares that are turned at once: 16 floats are a line of the cache. */
const SQUARE = 16;

/** @param from [rows, columns] @param to [columns, rows] @returns `to` */
function transposed<T extends Numbers>(from: Numbers, rows: number, columns: number, to: T): T {
  for (let top = 0; top < rows; top += SQUARE)
    for (let left = 0; left < columns; left += SQUARE) {
      const [bottom, right] = [Math.min(rows, top + SQUARE), Math.min(columns, left + SQUARE)];
      for (let column = left; column < right; column++)
        for (let row = top; row < bottom; row++) to[column * rows + row] = from[row * columns + column]!;
    }
  return to;
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
