import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { PackedMatrix } from '../../core/contracts/compressor.js';
import { unpackedMatrix } from './unpacked.js';

/** x W^T of a matrix in codes. @param x [n, K] @returns [n, N] */
export function packedProduct(x: Tensor2D, packed: PackedMatrix): Tensor2D {
  return tf.matMul(x, floats(packed), false, true) as Tensor2D;
}

/** Rows of a table in codes. @param ids int32 [n] @returns [n, K] */
export function packedRows(ids: Tensor1D, packed: PackedMatrix): Tensor2D {
  return tf.gather(floats(packed), ids);
}

function floats(packed: PackedMatrix): Tensor2D {
  return tf.tensor2d(unpackedMatrix(packed), [packed.out, packed.in]);
}
