import type { ArtifactRef, ModelMetadata, ModelRef } from '../../../core/contracts/model.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import type { Recipe } from '../../../core/contracts/evolution.js';
import { architectureHash, countParameters } from '../../../nn/models/index.js';
import type { Family } from './family.js';
import { byName, type Finale } from './finale.js';
import { describeRecipe } from './individual.js';
import type { Lineage } from './lineage.js';
import type { SearchState } from './search-state.js';

const BYTES_PER_MIB = 1024 * 1024;

/** A step of the champion's descent. */
export interface Descent extends Recipe {
  readonly id: string;
}

/** Everything the champion comes from, parents first, itself last. */
export function descentOf(lineage: Lineage, champion: string): Descent[] {
  return lineage.ancestry([champion]).map((id) => ({ id, ...lineage.recipeOf(id)! }));
}

/** Store the champion with its recipes and describe it. The caller registers it. */
export async function storeChampion(
  ctx: PhaseContext,
  family: Family,
  state: SearchState,
  finale: Finale,
  descent: readonly Descent[],
): Promise<ModelRef> {
  const { championConstants: constants, championWeights } = finale;
  const weights = await ctx.store.putTensors('model.safetensors', championWeights, {
    metadata: { format: 'pt', architecture: family.architectureName, seed: String(ctx.seed) },
  });
  const recipe = await ctx.store.put('recipe.json', `${JSON.stringify(descent, null, 1)}\n`);
  const config = { architecture: family.architectureName, hyperparameters: constants.hyperparameters };
  const metadata = championMetadata(ctx, family, state, finale, weights);
  return {
    id: metadata.model_id,
    name: 'champion',
    config,
    weights,
    tokenizer: family.tokenizer,
    sidecars: { recipe },
    metadata,
  };
}

function championMetadata(
  ctx: PhaseContext,
  family: Family,
  state: SearchState,
  finale: Finale,
  weights: ArtifactRef,
): ModelMetadata {
  const { champion, generation, parents } = state;
  const parameters = countParameters(family.tensors);
  return {
    schema_version: 1,
    model_id: `evomerge_champion_${ctx.sessionId}`,
    session_id: ctx.sessionId,
    phase_name: 'evomerge',
    model_name: 'champion',
    created_at: new Date().toISOString(),
    parameters,
    size_mb: (parameters * 4) / BYTES_PER_MIB,
    bytes_on_disk: weights.bytes,
    sha256: weights.sha256,
    format: 'fp32',
    specialization: null,
    tags: ['evomerge', 'champion'],
    parent_model_ids: family.parents.map(({ model }) => model.id),
    config_hash: ctx.configHash,
    seed: ctx.seed,
    tokenizer_sha256: family.tokenizer.sha256,
    ...family.tokenizerFacts,
    vocab_size: family.architecture.vocabularySize(finale.championConstants.hyperparameters),
    metrics: championMetrics(state, finale),
    attributes: {
      arch_hash: architectureHash(family.architectureName, family.tensors),
      trunk_id: family.parents[0]!.model.metadata.attributes['trunk_id'],
      ...finale.championConstants.attributes,
      merge_technique: describeRecipe(champion.recipe),
      recipe: { ...champion.recipe },
      combo: champion.bits,
      generation_found: champion.generation,
      generations: generation,
      best_parent: family.parents.find(({ id }) => id === parents[0]!.id)!.model.id,
      weights_hash: champion.id,
    },
  };
}

function championMetrics({ champion }: SearchState, finale: Finale): ModelMetadata['metrics'] {
  const { measured } = champion;
  return {
    final_loss: finale.champion.holdout.nll / finale.champion.holdout.targets,
    perplexity: finale.champion.holdout.perplexity,
    accuracy_forced: finale.champion.holdout.accuracy,
    accuracy_generated: finale.champion.generatedAccuracy,
    fitness: champion.fitness,
    holdout_fitness: finale.champion.holdoutFitness,
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
