import * as tf from '@tensorflow/tfjs';
import type { KernelConfig, NamedAttrMap, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { PackedMatrix } from '../../core/contracts/compressor.js';
import { EXACT_PRODUCTS, PACKED_PRODUCT, PACKED_ROWS, type PackedAttributes } from './packed-kernels.js';
import { unpackedMatrix } from './unpacked.js';

/** What x becomes on its way into a product. */
export interface ProductInput {
  /** What happens to x where no kernel rounds it; default nothing. */
  readonly rounded?: (x: Tensor2D) => Tensor2D;
  /** Kernels too take x as the floats that it is, which is slower. */
  readonly exact?: boolean;
}

/**
 * x W^T of a matrix in codes: by a kernel that takes the codes as they are and, unless it is to be exact, rounds x to 8
 * bits in blocks, where the backend has one; else by the floats that they stand for.
 *
 * @param x [n, K]
 * @returns [n, N]
 */
export function packedProduct(
  x: Tensor2D,
  packed: PackedMatrix,
  { rounded = (same) => same, exact = false }: ProductInput = {},
): Tensor2D {
  const attributes = exact ? { packed, accuracyLevel: EXACT_PRODUCTS } : { packed };
  return (onCodes(PACKED_PRODUCT, { x }, attributes) ??
    tf.matMul(rounded(x), floats(packed), false, true)) as Tensor2D;
}

/** Rows of a table in codes. @param ids int32 [n] @returns [n, K] */
export function packedRows(ids: Tensor1D, packed: PackedMatrix): Tensor2D {
  return (onCodes(PACKED_ROWS, { ids }, { packed }) ?? tf.gather(floats(packed), ids)) as Tensor2D;
}

/** What the kernel of that name makes; null on a backend that has none. */
function onCodes(
  kernel: string,
  inputs: Record<string, Tensor>,
  attributes: PackedAttributes,
): Tensor | null {
  const known = tf.getKernel(kernel, tf.getBackend()) as KernelConfig | undefined;
  if (known === undefined) return null;
  return tf.engine().runKernel<Tensor>(kernel, inputs, attributes as unknown as NamedAttrMap);
}

const unpacked = new WeakMap<PackedMatrix, Float32Array>();

/** Unpacked once per matrix; the memory is given back with the matrix. */
function floats(packed: PackedMatrix): Tensor2D {
  const values = unpacked.get(packed) ?? unpackedMatrix(packed);
  unpacked.set(packed, values);
  return tf.tensor2d(values, [packed.out, packed.in]);
}
