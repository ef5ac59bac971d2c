import type { TensorMerge } from './tensor-merge.js';

/** What the program itself, its libraries and its buffers take. */
const PROGRAM_BYTES = 300e6;

/**
 * An upper bound of the memory that a merge needs: three times the largest tensor in float32 for every model it is made
 * from (the inputs, what a technique keeps beside them, the result), and the program itself.
 */
export function memoryNeed(tensors: readonly TensorMerge[]): number {
  const needs = tensors.map(
    ({ elements, models, base }) => 3 * 4 * elements * (models.length + (base === null ? 0 : 1)),
  );
  return needs.reduce((most, need) => Math.max(most, need), 0) + PROGRAM_BYTES;
}
