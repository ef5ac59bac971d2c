import { isSameModel } from './assemble.js';
import type { MergeRecipe } from './recipe.js';
import type { ProblemReport } from './report.js';

/** One merge of a chain. */
export interface RecipeStep {
  /** What other documents call its result; null for the one that is the result of all. */
  readonly name: string | null;
  readonly recipe: MergeRecipe;
}

/** Every model a merge reads, each once, the leader first. */
export function modelsOf({ leader, slices }: MergeRecipe): string[] {
  const sources = slices.flatMap((slice) => [...(slice.base === null ? [] : [slice.base]), ...slice.sources]);
  const models: string[] = [];
  for (const model of [leader, ...sources.map((source) => source.model)])
    if (!models.some((known) => isSameModel(known, model))) models.push(model);
  return models;
}

/** Merges in an order in which each comes after those it reads; the unnamed one last. */
export function orderSteps(steps: readonly RecipeStep[], report: ProblemReport): RecipeStep[] {
  const names = steps.map(({ name }) => name);
  const finals = names.filter((name) => name === null);
  if (steps.length > 1 && finals.length !== 1)
    report.add([], {
      message: 'of several documents exactly one has no name: the result',
      found: `${finals.length} without a name`,
    });
  const twice = names.find((name, i) => name !== null && names.indexOf(name) !== i);
  if (twice !== undefined) report.add([], { message: `two documents have the name "${twice}"` });
  if (report.problems.length > 0) return [];
  const ordered: RecipeStep[] = [];
  const waiting = steps.length === 1 ? [...steps] : steps.filter(({ name }) => name !== null);
  while (waiting.length > 0) {
    const ready = waiting.findIndex(({ recipe }) =>
      modelsOf(recipe).every((model) => !waiting.some(({ name }) => name === model)),
    );
    if (ready < 0) {
      const circle = waiting.map(({ name }) => name).join(', ');
      report.add([], { message: `documents need each other in a circle: ${circle}` });
      return [];
    }
    ordered.push(...waiting.splice(ready, 1));
  }
  return steps.length === 1 ? ordered : [...ordered, ...steps.filter(({ name }) => name === null)];
}
