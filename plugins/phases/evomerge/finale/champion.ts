import type { Recipe } from '../../../../core/contracts/evolution.js';
import type { ModelMetadata, ModelRef } from '../../../../core/contracts/model.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { SplitData } from '../../shared/data/split.js';
import { storeModel } from '../../shared/model/store.js';
import type { Family } from '../family/family.js';
import { describeRecipe } from '../individuals/individual.js';
import type { Lineage } from '../individuals/lineage.js';
import type { SearchState } from '../search/state.js';
import { byName, type Finale } from './finale.js';

/** A step of the champion's descent. */
export interface Descent extends Recipe {
  readonly id: string;
}

/** Everything the champion comes from, parents first, itself last. */
export function descentOf(lineage: Lineage, champion: string): Descent[] {
  return lineage.ancestry([champion]).map((id) => ({ id, ...lineage.recipeOf(id)! }));
}

/** What the champion's record is made of. */
export interface ChampionParts {
  readonly family: Family;
  readonly state: SearchState;
  readonly finale: Finale;
  readonly descent: readonly Descent[];
  readonly split: SplitData;
}

/** Store the champion with its recipes and describe it. */
export async function storeChampion(ctx: PhaseContext, parts: ChampionParts): Promise<ModelRef> {
  const { family, finale, descent, split } = parts;
  const { model, halting } = finale.winner;
  const recipe = await ctx.store.put('recipe.json', `${JSON.stringify(descent, null, 1)}\n`);
  return storeModel(ctx, {
    name: 'champion',
    shape: model,
    weights: model.weights,
    tokenizer: family.tokenizer,
    halting,
    data: split,
    parents: family.parents.map((parent) => parent.model),
    sidecars: { recipe },
    metrics: championMetrics(parts),
    attributes: championAttributes(parts),
  });
}

function championAttributes({ family, state }: ChampionParts): Record<string, unknown> {
  const { champion, generation, parents } = state;
  return {
    trunk_id: family.parents[0]!.model.metadata.attributes['trunk_id'],
    merge_technique: describeRecipe(champion.recipe),
    recipe: { ...champion.recipe },
    combo: champion.bits,
    generation_found: champion.generation,
    generations: generation,
    best_parent: family.parents.find(({ id }) => id === parents[0]!.id)!.model.id,
    weights_hash: champion.id,
  };
}

function championMetrics({ state: { champion }, finale }: ChampionParts): ModelMetadata['metrics'] {
  const { measured } = champion;
  const { holdout, holdoutFitness, generatedAccuracy } = finale.champion;
  return {
    final_loss: holdout.nll / holdout.targets,
    perplexity: holdout.perplexity,
    accuracy_forced: holdout.accuracy,
    accuracy_generated: generatedAccuracy,
    fitness: champion.fitness,
    holdout_fitness: holdoutFitness,
    selection_perplexity: measured.perplexity,
    selection_accuracy_forced: measured.accuracy,
    average_steps: measured.averageSteps,
    causality_max_diff: finale.causality,
    ...Object.fromEntries(
      Object.entries(byName(finale, (each) => each.holdoutFitness)).map(([name, value]) => [
        `holdout_fitness/${name}`,
        value,
      ]),
    ),
  };
}
