import { ForgeError } from '../../../core/errors/index.js';
import { together } from '../../../storage/together.js';
import { fileOf } from '../plan/check-inputs.js';
import { inputsOf, type TensorInput, type TensorMerge } from '../plan/tensor-merge.js';
import { firstNonFinite } from './finite.js';

/** A run of elements of a tensor. */
export interface Part {
  readonly tensor: TensorMerge;
  readonly first: number;
  readonly count: number;
  /** Once for the statistics of the tensor and then with them, or only once. */
  readonly pass: 'merge' | 'measure' | 'merge measured';
}

/**
 * Memory for the inputs of one tensor after another: a buffer per model, as large as its largest part, used again and
 * again. New memory for every tensor would cost more time than the merge itself.
 */
export class InputBuffers {
  private readonly buffers: Float32Array[];

  /** @param sizes elements that the n-th input needs at most */
  constructor(sizes: readonly number[]) {
    this.buffers = sizes.map((size) => new Float32Array(size));
  }

  /** Read a part of every input, all at once. */
  async read({ tensor, first, count }: Part): Promise<Float32Array[]> {
    const read = async (input: TensorInput, i: number): Promise<Float32Array> => {
      const target = this.buffers[i]!.subarray(0, count);
      await input.checkpoint.tensors.readInto(input.name, target, first);
      return target;
    };
    return together(inputsOf(tensor).map(read));
  }
}

/** @throws ForgeError AF_MERGE_VALUES naming tensor, file and element */
export function checkFinite(input: TensorInput, values: Float32Array, first: number): void {
  const bad = firstNonFinite(values);
  if (bad >= 0) throw notFinite(input, first + bad, values[bad]!);
}

/** The stored bytes that all inputs have. @throws ForgeError AF_MERGE_VALUES when they are not the same */
export async function readSame(tensor: TensorMerge): Promise<Uint8Array> {
  const [first, ...others] = inputsOf(tensor);
  const bytes = await first!.checkpoint.tensors.readRaw(first!.name);
  for (const other of others) {
    const found = await other.checkpoint.tensors.readRaw(other.name);
    if (Buffer.compare(bytes, found) !== 0) throw notSame(first!, other);
  }
  return bytes;
}

function notFinite(input: TensorInput, element: number, value: number): ForgeError {
  const file = fileOf(input);
  return new ForgeError(
    'AF_MERGE_VALUES',
    `Tensor "${input.name}" of ${input.checkpoint.reference} holds ${value} (element ${element}).`,
    {
      at: file,
      fix: 'The checkpoint is damaged or its training diverged: get it again, or leave it out.',
      facts: { tensor: input.name, file, element },
    },
  );
}

function notSame(first: TensorInput, other: TensorInput): ForgeError {
  const file = fileOf(other);
  return new ForgeError(
    'AF_MERGE_VALUES',
    `Tensor "${other.name}" holds integers, which are not merged, and they differ between ${first.checkpoint.reference} and ${other.checkpoint.reference}.`,
    {
      at: file,
      fix: 'Merge models of the same configuration.',
      facts: { tensor: other.name, file },
    },
  );
}
