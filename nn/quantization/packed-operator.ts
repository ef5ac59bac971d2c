import * as tf from '@tensorflow/tfjs';
import type { Tensor2D } from '@tensorflow/tfjs';
import type { TensorDescription } from '../../core/contracts/architecture.js';
import type { PackedMatrix } from '../../core/contracts/compressor.js';
import { withOperator } from '../layers/matrix-operator.js';
import { packedProduct, packedRows } from './packed-product.js';

/**
 * A stand-in for a matrix that is there in codes alone. It has the matrix's shape, multiplies and gives rows by the codes,
 * and holds no number: what reads it in another way gets NaN.
 *
 * @param prepare what happens to the input before it is multiplied
 */
export function packedOperator(
  { shape, linear }: TensorDescription,
  packed: PackedMatrix,
  prepare: (x: Tensor2D) => Tensor2D,
): Tensor2D {
  const nothing: Tensor2D = tf.fill(shape as [number, number], NaN);
  return withOperator(nothing, {
    multiply: (x) => packedProduct(linear === true ? prepare(x) : x, packed),
    rows: (ids) => packedRows(ids, packed),
  });
}
