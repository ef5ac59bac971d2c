import { inputsOf, type TensorMerge } from '../plan/tensor-merge.js';
import type { MergeRecipe } from '../recipe.js';
import { InputBuffers, type Part } from './inputs.js';
import { partSize } from './parts.js';

/** Bytes of inputs up to which memory is no question. */
const SMALL_BYTES = 64e6;

/**
 * The memory that a whole merge works in: two sets of inputs, so that one tensor is read while another is merged, and
 * two results, so that one is written meanwhile. With large tensors of few models only what keeps within three times
 * the inputs, a result of the technique's own included (see plan/memory.ts).
 */
export class MergeBuffers {
  private readonly inputs: readonly InputBuffers[];
  private readonly outputs: readonly Float32Array[];

  /** @param tensors everything that will be merged */
  constructor(tensors: readonly TensorMerge[], recipe: MergeRecipe) {
    const sizes: number[] = [];
    for (const tensor of tensors.filter(({ kind }) => kind === 'merge'))
      inputsOf(tensor).forEach((_, i) => (sizes[i] = Math.max(sizes[i] ?? 0, partSize(tensor, recipe))));
    const isSmall = sizes.reduce((sum, size) => sum + 4 * size, 0) <= SMALL_BYTES;
    const sets = isSmall || sizes.length > 1 ? 2 : 1;
    const results = isSmall || sizes.length > 2 ? 2 : 1;
    this.inputs = Array.from({ length: sets }, () => new InputBuffers(sizes));
    this.outputs = Array.from({ length: results }, () => new Float32Array(sizes[0] ?? 0));
  }

  /** Whether the next part may be read while one is merged. */
  get canReadAhead(): boolean {
    return this.inputs.length > 1;
  }

  /** Whether a result may be made while the one before it is written. */
  get canWriteBehind(): boolean {
    return this.outputs.length > 1;
  }

  /** Read the inputs of the part whose turn it is. */
  read(part: Part, turn: number): Promise<Float32Array[]> {
    return this.inputs[turn % this.inputs.length]!.read(part);
  }

  /** Memory for the result of the part whose turn it is. */
  output(turn: number): Float32Array {
    return this.outputs[turn % this.outputs.length]!;
  }

  /** Whether an array lies in memory that a later read overwrites. */
  owns(values: Float32Array): boolean {
    return this.inputs.some((each) => each.owns(values));
  }
}
