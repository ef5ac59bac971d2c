import { MERGE, type MergeInput, type MergeMethod } from '../../contracts/merge.js';
import type { Plugin } from '../../contracts/plugin.js';
import { defaultParameters } from '../../nn/merging/index.js';
import { stream } from '../../nn/random/index.js';
import { implementationOf } from '../../testing/index.js';

type Parameters = Readonly<Record<string, number | boolean>>;

/** What a test says of one tensor; the rest has defaults. */
export interface Case {
  readonly name?: string;
  readonly shape?: readonly number[];
  readonly layer?: number;
  readonly models: readonly (readonly number[] | Float32Array)[];
  readonly base?: readonly number[] | Float32Array;
  readonly importance?: readonly (readonly number[] | Float32Array)[];
  readonly weights?: readonly number[];
  readonly parameters?: Parameters;
  readonly modelParameters?: readonly Parameters[];
  readonly seed?: number;
}

function floats(values: readonly number[] | Float32Array): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/** A complete input: what the case leaves out is what a recipe without a word about it gives. */
export function inputOf(method: MergeMethod, given: Case): MergeInput {
  const models = given.models.map(floats);
  const defaults = defaultParameters(method, models.length);
  const name = given.name ?? 'tensor';
  return {
    name,
    shape: given.shape ?? [models[0]!.length],
    ...(given.layer === undefined ? {} : { layer: given.layer }),
    models,
    ...(given.base ? { base: floats(given.base) } : {}),
    ...(given.importance ? { importance: given.importance.map(floats) } : {}),
    weights: given.weights ?? models.map(() => 1),
    parameters: { ...defaults.parameters, ...given.parameters },
    modelParameters: defaults.modelParameters.map((values, i) => ({
      ...values,
      ...given.modelParameters?.[i],
    })),
    random: stream(given.seed ?? 0, 'merge', name),
  };
}

/** Merge one tensor with a plugin as a kernel would make it: options validated, defaults filled in. */
export async function mergeWith(plugin: Plugin, given: Case): Promise<Float32Array> {
  const method = await implementationOf(MERGE, plugin);
  return method.merge(inputOf(method, given));
}

/** Numbers of a normal distribution, the same for the same name. */
export function normals(length: number, std: number, ...name: readonly (string | number)[]): Float32Array {
  const numbers = stream(11, 'test', ...name);
  return Float32Array.from({ length }, () => std * numbers.normal());
}

/** A base and models that took small steps away from it. */
export function family(
  length: number,
  count: number,
  step = 0.01,
): { readonly base: Float32Array; readonly models: Float32Array[] } {
  const base = normals(length, 0.05, 'base');
  const models = Array.from({ length: count }, (_, m) => {
    const deltas = normals(length, step, 'model', m);
    return base.map((value, i) => value + deltas[i]!);
  });
  return { base, models };
}

export function closeTo(found: ArrayLike<number>, expected: ArrayLike<number>, digits = 5): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) expect(found[i]).toBeCloseTo(expected[i]!, digits);
}
