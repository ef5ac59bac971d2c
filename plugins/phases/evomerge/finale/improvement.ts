import type { Finale } from './finale.js';
import type { SearchState } from '../search/state.js';

/** Relative gains of the champion, in percent, against everything it could be compared with. */
export interface Improvement {
  /** Against the best combination of generation 0, on the documents that were selected on. */
  readonly generation_0: number;
  readonly best_parent: number;
  readonly parents_mean: number;
  /** The same on the locked documents: what is left of it where nothing was selected. */
  readonly holdout_generation_0: number;
  readonly holdout_best_parent: number;
  readonly holdout_parents_mean: number;
}

export function improvementOf(state: SearchState, finale: Finale): Improvement {
  const parents = state.parents.map(({ fitness }) => fitness);
  const held = finale.parents.map(({ holdoutFitness }) => holdoutFitness);
  const { fitness } = state.champion;
  const { holdoutFitness } = finale.champion;
  return {
    generation_0: gain(fitness, state.initial.fitness),
    best_parent: gain(fitness, Math.max(...parents)),
    parents_mean: gain(fitness, mean(parents)),
    holdout_generation_0: gain(holdoutFitness, finale.initial.holdoutFitness),
    holdout_best_parent: gain(holdoutFitness, Math.max(...held)),
    holdout_parents_mean: gain(holdoutFitness, mean(held)),
  };
}

function gain(now: number, before: number): number {
  return 100 * (now / before - 1);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
