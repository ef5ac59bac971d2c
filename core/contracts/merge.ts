import type { TensorRole } from './architecture.js';
import { defineFor } from './plugin.js';
import { createToken } from './token.js';

/** Random numbers of one named stream; the same name and seed give the same numbers. */
export interface RandomStream {
  /** float64 in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Integer in [0, bound). */
  integer(bound: number): number;
}

/** A number or switch that a recipe may set, for the whole tensor or for each model. */
export interface MergeParameter {
  /** `merge`: one value per tensor. `model`: one per model and tensor. */
  readonly scope: 'merge' | 'model';
  /** From the plugin's options; null when a recipe must give it. */
  readonly default: number | boolean | null;
  /** Range of a number; evolution draws within it. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description: string;
}

/** One tensor of the models to merge, all of the same shape, float32. */
export interface MergeInput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role?: TensorRole;
  readonly layer?: number;
  readonly models: readonly Float32Array[];
  /** Common ancestor; present when the method asks for it. */
  readonly base?: Float32Array;
  /** Diagonal Fisher information per model, when known. */
  readonly importance?: readonly Float32Array[];
  /** Relative weight per model. */
  readonly weights: readonly number[];
  /** Values of the method's `merge` parameters for this tensor; what a recipe leaves out has the default. */
  readonly parameters: Readonly<Record<string, number | boolean>>;
  /** Values of the method's `model` parameters, one set per model. */
  readonly modelParameters: readonly Readonly<Record<string, number | boolean>>[];
  /** Named after the tensor, so that order does not matter. */
  readonly random: RandomStream;
  /** Memory as long as the tensor, apart from the inputs, for the result. A method may leave it unused. */
  readonly out?: Float32Array;
  /** What `statistics` gave, summed over all parts of the tensor; absent where the tensor is given whole. */
  readonly statistics?: Float64Array;
}

/** A merge technique. Works tensor by tensor, so that models larger than memory can be streamed. */
export interface MergeMethod {
  /** Least and most models besides the base; `max` null means any number. */
  readonly arity: { readonly min: number; readonly max: number | null };
  readonly base: 'required' | 'optional' | 'unused';
  /** What recipes may set, by name; `weight` is not among them (see {@link MergeInput.weights}). */
  readonly parameters?: Readonly<Record<string, MergeParameter>>;
  /**
   * Whether each element of the result depends on nothing but the same element of the models and the base: then a large
   * tensor may be given in parts, each with the tensor's name and a shape of one axis. Default false.
   */
  readonly elementwise?: boolean;
  /**
   * Whether NaN or an infinity in any model whose weight is not 0 always makes the result not finite: then the models are
   * looked at only when it is. Default false.
   */
  readonly showsNonFinite?: boolean;
  /**
   * Numbers of the whole tensor, as sums over its elements (dot products, say), that are all that keeps the method from
   * being `elementwise`: a large tensor may then be given in parts twice, to `statistics` and, with the sums, to `merge`.
   * A value that is not finite in any model or in the base must make one of the numbers not finite.
   */
  statistics?(input: MergeInput): Float64Array;
  /** Merging identical models gives the model. May return one of its inputs, never writes to them. */
  merge(input: MergeInput): Float32Array;
}

export const MERGE = createToken<MergeMethod>('merge', { merge: 'function', statistics: 'function?' });
/** Define a merge technique. */
export const defineMerge = defineFor(MERGE);
