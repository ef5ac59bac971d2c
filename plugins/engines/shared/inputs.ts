import type {
  Dtype,
  HostArray,
  HostTensor,
  TensorDict,
  TensorSpec,
  TensorSpecs,
} from '../../../core/contracts/index.js';
import { ForgeError, type Problem } from '../../../core/errors/index.js';

/** Number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** A zeroed host array of a dtype. */
export function allocate(dtype: Dtype, length: number): HostArray {
  if (dtype === 'float32') return new Float32Array(length);
  return dtype === 'int32' ? new Int32Array(length) : new Uint8Array(length);
}

/** A copy in the array type of the dtype. */
export function copyOf(dtype: Dtype, data: ArrayLike<number>): HostArray {
  const copy = allocate(dtype, data.length);
  copy.set(data);
  return copy;
}

const ARRAY_NAME: Readonly<Record<Dtype, string>> = {
  float32: 'Float32Array',
  int32: 'Int32Array',
  bool: 'Uint8Array',
};

/**
 * Check the arrays given to a program.
 * @throws ForgeError AF_ENGINE_INPUT listing every missing, unknown and ill-shaped input
 */
export function checkInputs(
  program: string,
  specs: TensorSpecs,
  inputs: Readonly<Record<string, HostArray>>,
): void {
  const problems: Problem[] = [];
  for (const [name, spec] of Object.entries(specs)) {
    const given = inputs[name];
    if (given === undefined) problems.push({ at: name, message: 'is missing', expected: describe(spec) });
    else if (!fits(spec, given))
      problems.push({
        at: name,
        message: 'has the wrong length or type',
        expected: describe(spec),
        found: `${given[Symbol.toStringTag]} of ${given.length}`,
      });
  }
  for (const name of Object.keys(inputs))
    if (!(name in specs)) problems.push({ at: name, message: 'is not an input of this program' });
  rejectIfAny(`Program ${program} was given wrong inputs.`, program, problems);
}

/**
 * Check that a state holds the tensors a program carries.
 * @throws ForgeError AF_ENGINE_INPUT listing every tensor that is missing or has another shape or type
 */
export function checkState(program: string, wanted: TensorSpecs, held: TensorSpecs): void {
  const problems: Problem[] = [];
  for (const [name, spec] of Object.entries(wanted)) {
    const found = held[name];
    if (!found || !sameSpec(spec, found))
      problems.push({
        at: name,
        message: found ? 'has another shape or type in the state' : 'is not in the state',
        expected: describe(spec),
        found: found ? describe(found) : undefined,
      });
  }
  rejectIfAny(`Program ${program} and its state do not fit together.`, program, problems);
}

/**
 * Check tensors that are to overwrite a state.
 * @throws ForgeError AF_ENGINE_INPUT on unknown names, other shapes or types
 */
export function checkValues(held: TensorSpecs, values: TensorDict): void {
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(values)) {
    const spec = held[name];
    if (!spec) problems.push({ at: name, message: 'is not in the state' });
    else if (!sameSpec(spec, value) || !fits(spec, value.data))
      problems.push({
        at: name,
        message: 'has another shape or type than the state',
        expected: describe(spec),
        found: `${describe(value)} with ${value.data.length} elements`,
      });
  }
  rejectIfAny('The values do not fit the state.', 'state', problems);
}

/** The tensors of a state by name, all without names. @throws ForgeError AF_ENGINE_INPUT on unknown names */
export function selectNames(held: TensorSpecs, names: readonly string[] | undefined): readonly string[] {
  const wanted = names ?? Object.keys(held);
  const unknown = wanted.filter((name) => !(name in held));
  rejectIfAny(
    'The state has no such tensor.',
    'state',
    unknown.map((at) => ({ at, message: 'is not in the state' })),
  );
  return wanted;
}

/** Specs of host tensors, without their data. */
export function specsOf(values: TensorDict): Record<string, TensorSpec> {
  return Object.fromEntries(
    Object.entries(values).map(([name, { shape, dtype }]: [string, HostTensor]) => [
      name,
      { shape: [...shape], dtype },
    ]),
  );
}

function rejectIfAny(message: string, at: string, problems: readonly Problem[]): void {
  if (problems.length > 0)
    throw new ForgeError('AF_ENGINE_INPUT', message, {
      at,
      problems,
      fix: 'Pass exactly the tensors named in the spec, with their shapes and types.',
    });
}

function fits(spec: TensorSpec, data: HostArray): boolean {
  return data[Symbol.toStringTag] === ARRAY_NAME[spec.dtype] && data.length === elementCount(spec.shape);
}

function sameSpec(a: TensorSpec, b: TensorSpec): boolean {
  return (
    a.dtype === b.dtype &&
    a.shape.length === b.shape.length &&
    a.shape.every((extent, i) => extent === b.shape[i])
  );
}

function describe(spec: TensorSpec): string {
  return `${spec.dtype}[${spec.shape.join(', ')}]`;
}
