import type { MergeMethod } from '../../core/contracts/merge.js';
import type { BaseUse } from './mergekit/methods.js';
import type { MergeMethods } from './methods.js';

/** A technique and what the format of the recipe says about it. */
export interface ChosenMethod {
  /** As the recipe writes it. */
  readonly written: string;
  /** The plugin's name. */
  readonly name: string;
  readonly method: MergeMethod;
  readonly base: BaseUse;
  /** Parameters that the recipe must set. */
  readonly required: readonly string[];
  /** What a parameter has when nobody sets it, where that is not the technique's own default. */
  readonly defaults: Readonly<Record<string, number | boolean>>;
  /** Parameters that may be there and mean nothing. */
  readonly ignored: readonly string[];
}

/** The name of the parameter that is a model's weight; every technique gets it. */
export const WEIGHT = 'weight';

/** A technique by its plugin's name, with the plugin's own defaults. */
export function pluginMethod(
  name: string,
  methods: MergeMethods,
  options?: Readonly<Record<string, unknown>>,
): ChosenMethod {
  const method = methods.resolve(name, options);
  const required = Object.entries(method.parameters ?? {})
    .filter(([, { default: value }]) => value === null)
    .map(([parameter]) => parameter);
  return { written: name, name, method, base: method.base, required, defaults: {}, ignored: [] };
}
