import type { Architecture, TensorDescription } from './architecture.js';
import type { Engine } from './engine.js';
import type { MergeParameter, RandomStream } from './merge.js';
import { defineFor } from './plugin.js';
import type { TensorDict } from './tensor.js';
import { createToken } from './token.js';

/**
 * How an individual of an evolution came about: enough to make the same weights again from its sources. Individuals go
 * by the sha256 of their weights.
 */
export interface Recipe {
  /** `parent`, `combination`, `layered`, or the name of the mutation that makes the weights. */
  readonly operation: string;
  /** Ids of the individuals it is made from; their order matters. */
  readonly sources: readonly string[];
  /** JSON. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Of everything random in it. */
  readonly seed: number;
}

/** One stage of a combination: a merge by name, its options laid over those of the config. */
export interface StageRecipe {
  readonly merge: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Parameters of a `combination`: interpolation, then task arithmetic, then selection. */
export interface CombinationParameters {
  /** Which of the two merges of each stage, for example `101`. */
  readonly bits: string;
  readonly stages: readonly StageRecipe[];
  /** One per source. */
  readonly weights: readonly number[];
}

/** Parameters of a `layered` merge: one merge, every group of layers with weights of its own. */
export interface LayeredParameters extends StageRecipe {
  /** By group: one weight per source. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
  /** By group: numbers that the merge declares, for the whole tensor or for every model alike. */
  readonly parameters: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export type CombinationRecipe = Recipe & { readonly parameters: CombinationParameters };
export type LayeredRecipe = Recipe & { readonly parameters: LayeredParameters };

export function isCombination(recipe: Recipe): recipe is CombinationRecipe {
  return recipe.operation === 'combination';
}

export function isLayered(recipe: Recipe): recipe is LayeredRecipe {
  return recipe.operation === 'layered';
}

/** What a mutation may look at. Its functions need no `this`: take it apart as you like. */
export interface MutationInput {
  /** The individual to change, as a source of the recipe of its successor. */
  readonly id: string;
  /** How it came about. */
  readonly recipe: Recipe;
  /** The individuals evolution began with, fittest first. */
  readonly parents: readonly string[];
  /** Names of the groups of tensors that share coefficients: each layer is one. */
  readonly groups: readonly string[];
  /** Layers of the models. */
  readonly layers: number;
  /** The two merges of each stage of a combination. */
  readonly stages: readonly (readonly [string, string])[];
  /** What a merge lets recipes set. */
  readonly parametersOf: (merge: string) => Readonly<Record<string, MergeParameter>>;
  /** Whether the weights of an individual are at hand, so that a recipe may use it as a source. */
  readonly available: (id: string) => boolean;
  /** Recipe of an individual; null when it is not known any more. */
  readonly recipeOf: (id: string) => Recipe | null;
  /** 1, or more while the population is too uniform: scales the size of the change. */
  readonly strength: number;
  /** Draws of `propose`; a recipe must be made again from its own seed alone. */
  readonly random: RandomStream;
  /** For the recipe. */
  readonly seed: number;
}

/** Changes one individual. */
export interface Mutation {
  /** The recipe of a changed individual; null when there is nothing to change in this one. */
  propose(input: MutationInput): Recipe | null;
  /** Weights of a recipe whose operation is this mutation's name. A mutation that proposes merges only has none. */
  apply?(recipe: Recipe, sources: readonly TensorDict[]): TensorDict;
}

export const MUTATION = createToken<Mutation>('mutation', { propose: 'function', apply: 'function?' });
/** Define a mutation of an evolution. */
export const defineMutation = defineFor(MUTATION);

/** What was measured of an individual on one set of documents. */
export interface MeasuredModel {
  /** exp(total negative log-likelihood / targets), at the step where each document halted. */
  readonly perplexity: number;
  /** Share of final answers whose every token is the most likely one, what comes before them given (teacher forcing). */
  readonly accuracy: number | null;
  /** Mean probability of a whole final answer, what comes before it given: what to expect of a model that samples. */
  readonly answerProbability: number | null;
  /** Mean recursion steps per token. */
  readonly averageSteps: number;
  /** Multiply-adds per token at the steps taken, times two; null where the engine does not count. */
  readonly flopsPerToken: number | null;
  /** Bytes of the weights. */
  readonly bytes: number;
  /** What the fitness term measured itself. */
  readonly own: number | null;
}

/** A model that a fitness term may measure. */
export interface FitnessSubject {
  readonly engine: Engine;
  readonly architecture: Architecture;
  readonly config: unknown;
  readonly tensors: readonly TensorDescription[];
  readonly weights: TensorDict;
}

/** One part of the fitness of an individual. */
export interface FitnessTerm {
  /** A deterministic measurement beyond the usual ones; it comes back as `own`. */
  measure?(subject: FitnessSubject): Promise<number | null>;
  /** Bounded, 1 at parity with the reference; `reason` where a number is missing. */
  score(
    measured: MeasuredModel,
    reference: MeasuredModel,
  ): { readonly value: number; readonly reason?: string };
}

export const FITNESS = createToken<FitnessTerm>('fitness', { score: 'function', measure: 'function?' });
/** Define a term of the fitness of merged models. */
export const defineFitnessTerm = defineFor(FITNESS);
