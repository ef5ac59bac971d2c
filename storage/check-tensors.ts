import type { TensorDescription } from '../core/contracts/architecture.js';
import { problemsError, type Problem } from '../core/errors/index.js';

/** A tensor as a header or a file in memory has it. */
export interface FoundTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Element type as a safetensors header, or as host memory, names it. */
  readonly dtype: string;
}

/** Element types that weights are read from. */
const FLOATS = ['F64', 'F32', 'F16', 'BF16', 'float32'];

const MOST_PROBLEMS = 20;

/**
 * The weights must be those that the architecture describes: anything else would fail deep inside, or not at all.
 *
 * @param at where they lie, for the message
 * @throws ForgeError AF_MODEL_TENSORS naming every tensor that is missing, too many, of another shape or no floats
 */
export function checkTensors(
  found: readonly FoundTensor[],
  described: readonly TensorDescription[],
  at: string,
): void {
  const byName = new Map(found.map((tensor) => [tensor.name, tensor]));
  const known = new Set(described.map(({ name }) => name));
  const problems = [
    ...described.flatMap((tensor) => problemsOf(tensor, byName.get(tensor.name))),
    ...found
      .filter(({ name }) => !known.has(name))
      .map(({ name }) => ({ at: name, message: 'the architecture has no such tensor' })),
  ];
  if (problems.length === 0) return;
  const more = problems.length - MOST_PROBLEMS;
  throw problemsError(
    'AF_MODEL_TENSORS',
    `The model at ${at}`,
    more <= 0 ? problems : [...problems.slice(0, MOST_PROBLEMS), { at, message: `and ${more} more` }],
    'The weights and config.json do not belong together: use those that were written together.',
  );
}

function problemsOf({ name, shape }: TensorDescription, tensor: FoundTensor | undefined): Problem[] {
  const expected = `[${shape.join(', ')}]`;
  if (tensor === undefined) return [{ at: name, message: 'the tensor is missing', expected }];
  const found = `[${tensor.shape.join(', ')}]`;
  if (found !== expected) return [{ at: name, message: 'the tensor has another shape', expected, found }];
  if (FLOATS.includes(tensor.dtype)) return [];
  const type = { expected: 'F32, F16 or BF16', found: tensor.dtype };
  return [{ at: name, message: 'the tensor does not hold floating-point numbers', ...type }];
}
