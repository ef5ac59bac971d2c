import type { Recipe } from '../../../../core/contracts/evolution.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { ForgeError } from '../../../../core/errors/index.js';
import { weightsHash } from '../../../../nn/models/index.js';
import type { Builder } from './builder.js';

/** Recipes of individuals by id: how each could be made again from the parents. */
export class Lineage {
  private recipes: Map<string, Recipe>;

  constructor(saved: Readonly<Record<string, Recipe>> = {}) {
    this.recipes = new Map(Object.entries(saved));
  }

  /** Weights that come about a second time keep their first recipe. */
  add(id: string, recipe: Recipe): void {
    if (!this.recipes.has(id)) this.recipes.set(id, recipe);
  }

  recipeOf(id: string): Recipe | null {
    return this.recipes.get(id) ?? null;
  }

  /** The individuals and all they come from, sources before what is made of them. */
  ancestry(ids: readonly string[]): string[] {
    const found = new Set<string>();
    const visit = (id: string): void => {
      if (found.has(id)) return;
      for (const source of this.recipes.get(id)?.sources ?? []) visit(source);
      found.add(id);
    };
    ids.forEach(visit);
    return [...found];
  }

  /** Forget everything that the given individuals do not come from. */
  prune(ids: readonly string[]): void {
    this.recipes = new Map(this.ancestry(ids).map((id) => [id, this.recipes.get(id)!]));
  }

  saved(): Record<string, Recipe> {
    return Object.fromEntries(this.recipes);
  }

  /**
   * Make an individual again from the parents, keeping no more weights than later recipes need.
   * @param parents weights of the individuals without a recipe of their own
   * @throws ForgeError AF_INTERNAL when the result is not the individual
   */
  rebuild(id: string, builder: Builder, parents: ReadonlyMap<string, TensorDict>): TensorDict {
    const order = this.ancestry([id]);
    const lastUse = new Map<string, number>();
    order.forEach((each, at) => this.recipes.get(each)!.sources.forEach((source) => lastUse.set(source, at)));
    const held = new Map<string, TensorDict>();
    const weights = (source: string): TensorDict => parents.get(source) ?? held.get(source)!;
    order.forEach((each, at) => {
      if (!parents.has(each)) held.set(each, verified(each, builder.build(this.recipes.get(each)!, weights)));
      for (const source of held.keys())
        if (source !== id && (lastUse.get(source) ?? at) <= at) held.delete(source);
    });
    return weights(id);
  }
}

function verified(id: string, weights: TensorDict): TensorDict {
  if (weightsHash(weights) === id) return weights;
  throw new ForgeError('AF_INTERNAL', 'A recipe did not give the same weights again.', {
    at: `individual ${id}`,
  });
}
