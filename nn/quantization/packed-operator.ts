import * as tf from '@tensorflow/tfjs';
import type { Tensor2D } from '@tensorflow/tfjs';
import type { TensorDescription } from '../../core/contracts/architecture.js';
import type { PackedMatrix } from '../../core/contracts/compressor.js';
import { withOperator } from '../layers/matrix-operator.js';
import { packedProduct, packedRows } from './packed-product.js';

/** What happens to the input of a matrix, in this order. */
export interface PreparedInput {
  /** Its own norm. */
  readonly normal: (x: Tensor2D) => Tensor2D;
  /** Rounding, where the matrix is quantised; kernels that multiply codes do that themselves. */
  readonly rounded: (x: Tensor2D) => Tensor2D;
  /** Inputs are to stay floats: kernels must not round them either. */
  readonly exact: boolean;
}

/**
 * A stand-in for a matrix that is there in codes alone. It has the matrix's shape, multiplies and gives rows by the codes,
 * and holds no number: what reads it in another way gets NaN.
 *
 * @param input what happens to an input before it is multiplied
 */
export function packedOperator(
  { shape }: Pick<TensorDescription, 'shape'>,
  packed: PackedMatrix,
  input: PreparedInput,
): Tensor2D {
  const nothing: Tensor2D = tf.fill(shape as [number, number], NaN);
  return withOperator(nothing, {
    multiply: (x) => packedProduct(input.normal(x), packed, input),
    rows: (ids) => packedRows(ids, packed),
  });
}
