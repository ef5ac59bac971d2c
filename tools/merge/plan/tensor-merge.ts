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
