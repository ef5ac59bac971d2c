import type { TensorInput } from './tensor-merge.js';
import type { LimitedProblems } from './limited.js';
import type { FloatDtype } from '../recipe.js';
import { hostDtypeOf, type SafetensorsEntry, type StoredDtype } from '../../../storage/safetensors/index.js';

const STORED: Readonly<Record<FloatDtype, StoredDtype>> = {
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
};

/** How a tensor is made and stored; null when its inputs do not fit (which has been reported). */
export interface TensorForm {
  readonly kind: 'merge' | 'copy';
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
}

/** Compare shape and dtype of one tensor over all models that it is made from. */
export function formOf(
  name: string,
  inputs: readonly TensorInput[],
  dtype: FloatDtype | null,
  problems: LimitedProblems,
): TensorForm | null {
  const [first, ...others] = inputs.map((input) => ({ input, entry: entryOf(input) }));
  const { entry } = first!;
  const host = hostDtypeOf(entry.dtype);
  if (host === null) {
    problems.add(`type ${first!.input.checkpoint.reference}`, {
      at: name,
      source: fileOf(first!.input),
      message: `elements of type ${entry.dtype} cannot be merged`,
      expected: 'F32, F16, BF16 or F64',
      found: entry.dtype,
      fix: 'Convert the checkpoint to one of these first.',
    });
    return null;
  }
  const kind = host === 'float32' ? 'merge' : 'copy';
  const mixed = dtype !== null && kind === 'merge';
  const wrong = others.filter(({ input, entry: other }) => {
    const shape = sameShape(first!, { input, entry: other }, name, problems);
    return !(sameType(first!, { input, entry: other }, { name, mixed }, problems) && shape);
  });
  if (wrong.length > 0) return null;
  if (kind === 'copy') return { kind, dtype: entry.dtype, shape: entry.shape };
  const kept = entry.dtype === 'F64' ? 'F32' : entry.dtype;
  return { kind, dtype: dtype === null ? kept : STORED[dtype], shape: entry.shape };
}

interface Entered {
  readonly input: TensorInput;
  readonly entry: SafetensorsEntry;
}

function sameShape(first: Entered, other: Entered, name: string, problems: LimitedProblems): boolean {
  const [a, b] = [shapeText(first.entry), shapeText(other.entry)];
  if (a === b) return true;
  problems.add(`shape ${other.input.checkpoint.reference}`, {
    at: nameFor(name, other.input),
    source: fileOf(other.input),
    message: `the shapes differ: ${b} in ${other.input.checkpoint.reference}, ${a} in ${first.input.checkpoint.reference}`,
    expected: `${a}, as in ${fileOf(first.input)}`,
    found: b,
    fix: 'Merge models of the same architecture, sizes and vocabulary.',
  });
  return false;
}

function sameType(
  first: Entered,
  other: Entered,
  { name, mixed }: { readonly name: string; readonly mixed: boolean },
  problems: LimitedProblems,
): boolean {
  const [a, b] = [first.entry.dtype, other.entry.dtype];
  if (a === b || (mixed && hostDtypeOf(b) === 'float32')) return true;
  problems.add(`dtype ${other.input.checkpoint.reference}`, {
    at: nameFor(name, other.input),
    source: fileOf(other.input),
    message: `the element types differ: ${b} in ${other.input.checkpoint.reference}, ${a} in ${first.input.checkpoint.reference}`,
    expected: `${a}, as in ${fileOf(first.input)}`,
    found: b,
    fix: 'Set dtype in the recipe (or --dtype) when that is meant: everything is then converted.',
  });
  return false;
}

/** A tensor that has another name in a model is named by both. */
function nameFor(name: string, input: TensorInput): string {
  return input.name === name ? name : `${name} (from ${input.name})`;
}

function shapeText({ shape }: SafetensorsEntry): string {
  return `[${shape.join(', ')}]`;
}

function entryOf({ checkpoint, name }: TensorInput): SafetensorsEntry {
  return checkpoint.tensors.entry(name);
}

/** The file that holds a tensor. */
export function fileOf({ checkpoint, name }: TensorInput): string {
  return checkpoint.tensors.file(name);
}
