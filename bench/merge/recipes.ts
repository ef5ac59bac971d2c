import { MERGE, type MergeMethod } from '../../core/contracts/merge.js';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import { implementationOf } from '../../testing/implementation.js';

/** What is merged by one technique. */
export interface MethodRecipe {
  readonly method: string;
  /** Folders of the set that are read, the base included. */
  readonly reads: readonly string[];
  /** The recipe, as JSON. */
  readonly text: string;
}

/** A recipe of the set for every technique of this package. */
export async function methodRecipes(): Promise<MethodRecipe[]> {
  const recipes: MethodRecipe[] = [];
  for (const { name, point, load } of BUILTIN_PLUGINS) {
    if (point !== MERGE.id) continue;
    const factory = await load();
    recipes.push(recipeOf(name, await implementationOf(MERGE, factory({} as never))));
  }
  return recipes;
}

/** Two models for an interpolation, otherwise as many of the three as the technique takes; a base where it needs one. */
function recipeOf(name: string, { arity, base }: MergeMethod): MethodRecipe {
  const most = name === 'slerp' ? 2 : Math.min(arity.max ?? 3, 3);
  const models = ['a', 'b', 'c'].slice(0, most);
  const withBase = base === 'required';
  return {
    method: name,
    reads: withBase ? ['base', ...models] : models,
    text: JSON.stringify({
      method: name,
      ...(withBase ? { base: './base' } : {}),
      models: models.map((model) => `./${model}`),
    }),
  };
}
