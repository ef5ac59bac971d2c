import type { PackedMatrix } from '../../core/contracts/compressor.js';

/*
 * tfjs kernels of matrices in codes, for backends that have them (the tracer of graphs). tfjs knows no packed matrix, so
 * it goes along as an attribute.
 */

/** x W^T; input `x` [n, K]. */
export const PACKED_PRODUCT = 'PackedProduct';
/** Rows of W; input `ids` int32 [n]. */
export const PACKED_ROWS = 'PackedRows';
/** Accuracy level of products of floats. */
export const EXACT_PRODUCTS = 0;

export interface PackedAttributes {
  readonly packed: PackedMatrix;
  /** Of the products, in onnxruntime's numbering: 0 is float, 4 is int8. Default: what is fastest. */
  readonly accuracyLevel?: number;
}
