import type { ModelRef } from '../../../../core/contracts/model.js';
import type { Family } from '../family/family.js';
import { describeRecipe } from '../individuals/individual.js';
import { comboId } from '../search/proposals.js';
import type { Search } from '../search/search.js';
import type { Descent } from './champion.js';
import { byName, type Finale } from './finale.js';
import type { Improvement } from './improvement.js';

interface Champion {
  readonly model: ModelRef;
  readonly descent: readonly Descent[];
  readonly family: Family;
}

/** What the next phase is told of the search (schemas/handoff/evomerge-to-quietstar.schema.json). */
export function handoffFacts(
  { state }: Search,
  finale: Finale,
  improvement: Improvement,
  { model, descent, family }: Champion,
): Record<string, unknown> {
  const { champion, initial, usage } = state;
  return {
    fitness: champion.fitness,
    merge_technique: describeRecipe(champion.recipe),
    combo_id: champion.bits === null ? null : comboId(champion.bits),
    combo_binary: champion.bits,
    components: champion.components,
    initial_fitness: initial.fitness,
    improvement_pct: { ...improvement },
    generations: state.generation,
    convergence_reason: state.ended,
    final_diversity: state.history.at(-1)!.diversity,
    combo_usage: Object.fromEntries(Object.entries(usage.combos).map(([label, { tried }]) => [label, tried])),
    parents: model.metadata.parent_model_ids,
    recipe: descent.map((step) => {
      const parent = family.parents.find(({ id }) => id === step.id);
      return parent === undefined ? step : { ...step, model: parent.model.id };
    }),
    holdout: byName(finale, ({ holdoutFitness }) => holdoutFitness),
  };
}
