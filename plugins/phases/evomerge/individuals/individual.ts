import { isCombination, isLayered, type Recipe } from '../../../../core/contracts/evolution.js';
import type { Measured } from './evaluator.js';

/** How an individual came to be in its generation. */
export type Origin = 'parent' | 'combination' | 'merge' | 'mutation' | 'reseed' | 'sample';

/** A model of the population, by reference; JSON. */
export interface Individual {
  /** Hash of its weights. */
  readonly id: string;
  readonly recipe: Recipe;
  readonly origin: Origin;
  /** Generation it was made in. */
  readonly generation: number;
  readonly measured: Measured;
  /** 1 is parity with the best parent. */
  readonly fitness: number;
  /** Score of each fitness term. */
  readonly components: Readonly<Record<string, number>>;
  /** Label of the combination it goes back to; null when there is none. */
  readonly bits: string | null;
  /** Why its recipe was replaced by the plain mean of its sources; null when it was not. */
  readonly fallback: string | null;
}

/** Best first; the first of equals keeps its place. */
export function ranked(individuals: readonly Individual[]): Individual[] {
  return individuals
    .map((individual, slot) => ({ individual, slot }))
    .sort((a, b) => b.individual.fitness - a.individual.fitness || a.slot - b.slot)
    .map(({ individual }) => individual);
}

/** A recipe in a few words, for example `slerp+ties+franken` or `task-arithmetic by layer`. */
export function describeRecipe(recipe: Recipe): string {
  if (isCombination(recipe)) return recipe.parameters.stages.map(({ merge }) => merge).join('+');
  if (isLayered(recipe)) return `${recipe.parameters.merge} by layer`;
  return recipe.operation;
}
