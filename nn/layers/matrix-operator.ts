import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';

/** What a matrix does where that is more than a plain product of floats: a norm before it, rounded inputs, packed codes. */
export interface MatrixOperator {
  /** x W. @param x [n, in] @param matrix the one it was given to, or the same without a gradient @returns [n, out] */
  readonly multiply?: (x: Tensor2D, matrix: Tensor2D) => Tensor2D;
  /** Rows of a table. @param ids int32 [n] @returns [n, r] */
  readonly rows?: (ids: Tensor1D) => Tensor2D;
}

const operators = new WeakMap<Tensor, MatrixOperator>();

/**
 * Give a matrix its own way of being multiplied: `linear` and `embeddingLookup` follow it, so a forward pass that is
 * written with them computes with quantised or packed matrices without knowing it.
 */
export function withOperator<T extends Tensor>(matrix: T, operator: MatrixOperator): T {
  operators.set(matrix, operator);
  return matrix;
}

/** What a matrix was given; nothing for a plain one. */
export function operatorOf(matrix: Tensor): MatrixOperator {
  return operators.get(matrix) ?? {};
}
