import { inputsOf, type TensorMerge } from '../plan/tensor-merge.js';
import type { MergeRecipe } from '../recipe.js';
import { InputBuffers } from './inputs.js';
import { partSize } from './parts.js';
import { Pool } from './pool.js';

/** Bytes of inputs up to which memory is no question. */
const SMALL_BYTES = 64e6;

/**
 * The memory that a whole merge works in: two sets of inputs, so that one tensor is read while another is merged, and
 * two results, so that one is written meanwhile. With large tensors of few models only what keeps within three times
 * the inputs, a result of the technique's own included (see plan/memory.ts).
 */
export class MergeBuffers {
  readonly inputs: Pool<InputBuffers>;
  readonly results: Pool<Float32Array>;

  /**
   * @param tensors everything that will be merged
   * @param partElements see {@link partSize}
   */
  constructor(tensors: readonly TensorMerge[], recipe: MergeRecipe, partElements: number) {
    const sizes: number[] = [];
    for (const tensor of tensors.filter(({ kind }) => kind === 'merge')) {
      const size = partSize(tensor, recipe, partElements);
      inputsOf(tensor).forEach((_, i) => (sizes[i] = Math.max(sizes[i] ?? 0, size)));
    }
    const isSmall = sizes.reduce((sum, size) => sum + 4 * size, 0) <= SMALL_BYTES;
    const sets = isSmall || sizes.length > 1 ? 2 : 1;
    const results = isSmall || sizes.length > 2 ? 2 : 1;
    this.inputs = new Pool(Array.from({ length: sets }, () => new InputBuffers(sizes)));
    this.results = new Pool(
      Array.from({ length: results }, (): Float32Array => new Float32Array(sizes[0] ?? 0)),
    );
  }
}
