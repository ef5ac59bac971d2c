import { MERGE } from '../../core/contracts/merge.js';
import type { Plugin } from '../../core/contracts/plugin.js';
import { stream } from '../../nn/random/index.js';
import { implementationOf, mergeInput, type MergeCase } from '../../testing/index.js';

export { mergeInput as inputOf, type MergeCase as Case };

/** Merge one tensor with a plugin as a kernel would make it: options validated, defaults filled in. */
export async function mergeWith(plugin: Plugin, given: MergeCase): Promise<Float32Array> {
  const method = await implementationOf(MERGE, plugin);
  return method.merge(mergeInput(method, given));
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
