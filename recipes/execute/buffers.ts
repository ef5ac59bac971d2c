import { inputsOf, type TensorMerge } from '../plan/tensor-merge.js';
import type { MergeRecipe } from '../recipe.js';
import { InputBuffers, type Part } from './inputs.js';
import { partSize } from './parts.js';

/** Bytes of inputs up to which a second set, to read ahead into, is worth its memory. */
const DOUBLE_BYTES = 64e6;

/** The memory that a whole merge works in. */
export class MergeBuffers {
  private readonly inputs: readonly InputBuffers[];
  private readonly outputs: readonly Float32Array[];

  /** @param tensors everything that will be merged */
  constructor(tensors: readonly TensorMerge[], recipe: MergeRecipe) {
    const sizes: number[] = [];
    for (const tensor of tensors.filter(({ kind }) => kind === 'merge'))
      inputsOf(tensor).forEach((_, i) => (sizes[i] = Math.max(sizes[i] ?? 0, partSize(tensor, recipe))));
    const bytes = sizes.reduce((sum, size) => sum + 4 * size, 0);
    this.inputs = Array.from({ length: bytes <= DOUBLE_BYTES ? 2 : 1 }, () => new InputBuffers(sizes));
    this.outputs = Array.from({ length: 2 }, () => new Float32Array(sizes[0] ?? 0));
  }

  /** Whether the next part may be read while one is merged. */
  get double(): boolean {
    return this.inputs.length === 2;
  }

  /** Read the inputs of the part whose turn it is. */
  read(part: Part, turn: number): Promise<Float32Array[]> {
    return this.inputs[turn % this.inputs.length]!.read(part);
  }

  /** Memory for the result; the one before may still be on its way to the disk. */
  output(turn: number): Float32Array {
    return this.outputs[turn % 2]!;
  }

  /** Whether an array lies in memory that a later read overwrites. */
  owns(values: Float32Array): boolean {
    return this.inputs.some((each) => each.owns(values));
  }
}
