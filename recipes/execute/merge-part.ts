import type { MergeInput } from '../../contracts/merge.js';
import { ForgeError, isForgeError } from '../../errors/index.js';
import { stream } from '../../nn/random/index.js';
import type { MergeRecipe } from '../recipe.js';
import { firstBeyond, firstNonFinite } from './finite.js';
import type { Part } from './inputs.js';

/** From here on float16 rounds to infinity. */
const FLOAT16_END = 65_520;

export interface PartInput {
  readonly part: Part;
  /** Of the models, then of the base. */
  readonly inputs: readonly Float32Array[];
  readonly out: Float32Array;
  readonly seed: number;
  /** Of the whole tensor, where this is a part of it. */
  readonly statistics?: Float64Array | undefined;
}

/**
 * Let the technique make one tensor, or a part of it. Its random numbers are named by the tensor, so that the order of
 * tensors and the layout of files change nothing.
 *
 * @throws ForgeError AF_MERGE_METHOD when it fails, or gives something that cannot be stored
 */
export function mergePart(recipe: MergeRecipe, given: PartInput): Float32Array {
  return attempt(recipe, given.part, () => {
    const { out, statistics } = given;
    const whole = statistics === undefined ? {} : { statistics };
    const merged = recipe.method.merge({ ...inputOf(given), ...whole, out });
    checkResult(merged, given, recipe.methodName);
    return merged;
  });
}

/**
 * Let the technique measure a part of a tensor.
 * @throws ForgeError AF_MERGE_METHOD when it fails
 */
export function measurePart(recipe: MergeRecipe, given: Omit<PartInput, 'out'>): Float64Array {
  return attempt(recipe, given.part, () => recipe.method.statistics!(inputOf(given)));
}

function inputOf({ part, inputs, seed }: Omit<PartInput, 'out'>): MergeInput {
  const { tensor } = part;
  const { name, layer, role, weights, parameters, modelParameters } = tensor;
  const models = inputs.slice(0, tensor.models.length);
  const base = tensor.base === null ? undefined : inputs[models.length];
  const shape = part.count === tensor.elements ? tensor.shape : [part.count];
  const random = stream(seed, 'merge', name);
  return { name, shape, layer, role, models, base, weights, parameters, modelParameters, random };
}

function attempt<T>({ methodName }: MergeRecipe, { tensor }: Part, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isForgeError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw methodError(tensor.name, `${methodName} failed: ${reason}`, error);
  }
}

function checkResult(merged: Float32Array, { part }: PartInput, method: string): void {
  const { name, dtype } = part.tensor;
  if (!(merged instanceof Float32Array) || merged.length !== part.count) {
    const found = merged instanceof Float32Array ? `${merged.length} numbers` : 'something else';
    throw methodError(name, `${method} gave ${found} instead of ${part.count} numbers`);
  }
  const bad = firstNonFinite(merged);
  if (bad >= 0) throw methodError(name, `${method} gave ${merged[bad]!} at element ${part.first + bad}`);
  const large = dtype === 'F16' ? firstBeyond(merged, FLOAT16_END) : -1;
  if (large >= 0)
    throw methodError(name, `element ${part.first + large} is ${merged[large]!}, and float16 ends at 65504`);
}

function methodError(tensor: string, reason: string, cause?: unknown): ForgeError {
  return new ForgeError('AF_MERGE_METHOD', `Tensor "${tensor}": ${reason}.`, {
    at: tensor,
    fix: 'Change the parameters of the merge, or store the result as bfloat16 or float32.',
    cause,
    facts: { tensor },
  });
}
