import type { MergeInput } from '../../../core/contracts/merge.js';
import { ForgeError, isForgeError } from '../../../core/errors/index.js';
import { stream } from '../../../nn/random/index.js';
import type { MergeRecipe } from '../recipe.js';
import { firstBeyond, firstNonFinite } from './finite.js';
import { inputsOf } from '../plan/tensor-merge.js';
import { checkFinite, type Part } from './inputs.js';
import { takesParts } from './parts.js';

/** Elements worked on at a time where a technique takes parts: a few models of them fit in the processor's cache. */
const BLOCK_ELEMENTS = 1 << 17;
/** From here on float16 rounds to infinity. */
const FLOAT16_END = 65_520;

export interface PartInput {
  readonly part: Part;
  /** Of the models, then of the base. */
  readonly inputs: readonly Float32Array[];
  /** As long as the part. */
  readonly out: Float32Array;
  readonly seed: number;
  /** Of the whole tensor, where this is a part of it. */
  readonly statistics?: Float64Array | undefined;
}

/**
 * Let the technique make one tensor, or a part of it, in `out`: what it gives may be memory of its own that it uses
 * again, or one of the inputs, and none of that may change before it is written. Its random numbers are named by the tensor, so that the order of
 * tensors and the layout of files change nothing.
 *
 * @throws ForgeError AF_MERGE_VALUES when an input is not finite; AF_MERGE_METHOD when the technique fails, or gives
 * something that cannot be stored
 */
export function mergePart(recipe: MergeRecipe, given: PartInput): void {
  const { part, inputs, out } = given;
  const size = takesParts(recipe.method) && isMeasured(recipe, part) ? BLOCK_ELEMENTS : part.count;
  for (let from = 0; from < part.count; from += size) {
    const count = Math.min(size, part.count - from);
    const run = (values: Float32Array): Float32Array => values.subarray(from, from + count);
    const block = { ...part, first: part.first + from, count };
    const merged = mergeBlock(recipe, { ...given, part: block, inputs: inputs.map(run), out: run(out) });
    if (merged.buffer !== out.buffer) out.set(merged, from);
  }
}

/** Whether nothing of the whole tensor is needed any more. */
function isMeasured({ method }: MergeRecipe, { pass }: Part): boolean {
  return method.statistics === undefined || pass === 'merge measured';
}

/** Inputs and result are looked at while the processor has them in its cache. */
function mergeBlock(recipe: MergeRecipe, given: PartInput): Float32Array {
  const { part, out, statistics } = given;
  const resultTells = showsInResult(recipe, part);
  if (!resultTells) checkInputs(given);
  const whole = statistics === undefined ? {} : { statistics };
  return attempt(recipe, part, () => {
    const merged = recipe.method.merge({ ...inputOf(given), ...whole, out });
    checkLength(merged, part, recipe.methodName);
    const bad = firstNonFinite(merged);
    if (bad >= 0 && resultTells) checkInputs(given);
    if (bad >= 0) throw notFinite(recipe, part, bad, merged[bad]!);
    checkFloat16(merged, part);
    return merged;
  });
}

/** Whether the result tells that all inputs are finite, or statistics of the whole tensor have told it. */
function showsInResult({ method }: MergeRecipe, { pass, tensor }: Part): boolean {
  if (pass !== 'merge') return true;
  return (
    method.showsNonFinite === true && tensor.base === null && tensor.weights.every((weight) => weight !== 0)
  );
}

/** @throws ForgeError AF_MERGE_VALUES */
function checkInputs({ part, inputs }: Pick<PartInput, 'part' | 'inputs'>): void {
  inputsOf(part.tensor).forEach((input, i) => checkFinite(input, inputs[i]!, part.first));
}

/**
 * Let the technique measure a part of a tensor; its inputs are looked at where the numbers tell that it is worth it.
 * @throws ForgeError AF_MERGE_VALUES when an input is not finite; AF_MERGE_METHOD when the technique fails
 */
export function measurePart(recipe: MergeRecipe, given: Omit<PartInput, 'out'>): Float64Array {
  const measured = attempt(recipe, given.part, () => recipe.method.statistics!(inputOf(given)));
  if (!measured.every(Number.isFinite)) checkInputs(given);
  return measured;
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

function checkLength(merged: Float32Array, { tensor, count }: Part, method: string): void {
  if (merged instanceof Float32Array && merged.length === count) return;
  const found = merged instanceof Float32Array ? `${merged.length} numbers` : 'something else';
  throw methodError(tensor.name, `${method} gave ${found} instead of ${count} numbers`);
}

function checkFloat16(merged: Float32Array, part: Part): void {
  const large = part.tensor.dtype === 'F16' ? firstBeyond(merged, FLOAT16_END) : -1;
  if (large < 0) return;
  const { name } = part.tensor;
  throw methodError(name, `element ${part.first + large} is ${merged[large]!}, and float16 ends at 65504`);
}

function notFinite(
  { methodName }: MergeRecipe,
  { tensor, first }: Part,
  at: number,
  value: number,
): ForgeError {
  return methodError(tensor.name, `${methodName} gave ${value} at element ${first + at}`);
}

function methodError(tensor: string, reason: string, cause?: unknown): ForgeError {
  return new ForgeError('AF_MERGE_METHOD', `Tensor "${tensor}": ${reason}.`, {
    at: tensor,
    fix: 'Change the parameters of the merge, or store the result as bfloat16 or float32.',
    cause,
    facts: { tensor },
  });
}
