import type { MutationInput, Recipe } from '../../../core/contracts/evolution.js';

/**
 * The individual's own recipe or the nearest one along its first sources that is of the wanted kind and can be made
 * again now (its sources are at hand); null when there is none.
 */
export function originOf<R extends Recipe>(
  input: MutationInput,
  wanted: (recipe: Recipe) => recipe is R,
): R | null {
  let recipe: Recipe | null = input.recipe;
  while (recipe !== null) {
    if (wanted(recipe)) return recipe.sources.every((id) => input.available(id)) ? recipe : null;
    const source: string | undefined = recipe.sources[0];
    recipe = source === undefined ? null : input.recipeOf(source);
  }
  return null;
}
