import type { MergeInput } from '../../../core/contracts/merge.js';
import type { Checkpoint } from '../checkpoints/open.js';
import type { StoredDtype } from '../../../storage/safetensors/index.js';

/** A tensor of a checkpoint. */
export interface TensorInput {
  readonly checkpoint: Checkpoint;
  readonly name: string;
}

/** One tensor of the result: where it comes from and how it is made. */
export interface TensorMerge extends Pick<
  MergeInput,
  'shape' | 'role' | 'layer' | 'weights' | 'parameters' | 'modelParameters'
> {
  readonly name: string;
  /** In the result. */
  readonly dtype: StoredDtype;
  readonly elements: number;
  /** Integers and switches are not merged: they must be the same everywhere, and are copied. */
  readonly kind: 'merge' | 'copy';
  readonly models: readonly TensorInput[];
  readonly base: TensorInput | null;
}

/** Every tensor that one is made from, the base last. */
export function inputsOf({ models, base }: Pick<TensorMerge, 'models' | 'base'>): readonly TensorInput[] {
  return base === null ? models : [...models, base];
}

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
