import type { Handoff } from '../../../core/contracts/handoff.js';
import type { MetricValue } from '../../../core/contracts/metrics.js';
import type { ModelRef } from '../../../core/contracts/model.js';
import type { PhaseResult } from '../../../core/contracts/phase.js';
import { countParameters } from '../../../nn/models/index.js';
import { descentOf, storeChampion, type Descent } from './champion.js';
import { missingParts } from './fitness.js';
import { byName, type Finale } from './finale.js';
import { judge } from './gates.js';
import { describeRecipe } from './individual.js';
import { improvementOf, type Improvement } from './outcome.js';
import { comboId } from './plans.js';
import { TECHNIQUE_NAMES } from './metric-names.js';
import type { Search, SearchParts } from './search.js';
import type { Tally } from './usage.js';
import { unusedOptions } from './unused-options.js';

/** Schema id of the handoff 2 -> 3 (schemas/handoff/evomerge-to-quietstar.schema.json). */
const HANDOFF_SCHEMA = 'agentforge:handoff/evomerge-champion@1';
/** Barriers above it say that models do not lie in one basin (spec/phase1-2.md 3.1). */
const MERGEABLE_BARRIER = 1;
const SECONDS_PER_MINUTE = 60;

/** Store and register the champion, judge the search, hand it on. */
export async function conclude(parts: SearchParts, search: Search, finale: Finale): Promise<PhaseResult> {
  const { ctx, family, options, terms, data } = parts;
  const { state } = search;
  const descent = descentOf(search.lineage, state.champion.id);
  const model = await storeChampion(ctx, family, state, finale, descent);
  const improvement = improvementOf(state, finale);
  const gates = judge({
    state,
    finale,
    improvement,
    options,
    models: 1,
    parameters: model.metadata.parameters,
    parentParameters: family.parents.map((parent) => parent.model.metadata.parameters),
    rebuilt: rebuilds(parts, search),
  });
  const metrics = phaseMetrics(parts, search, finale, improvement);
  emit(parts, search, metrics);
  return {
    models: [model],
    metrics: { ...metrics, ...reportMetrics(search, finale, improvement) },
    gates,
    handoff: handoffOf(search, finale, improvement, { model, descent, family }),
    warnings: [
      ...unusedOptions(options),
      ...data.warnings,
      ...missingParts(terms, search.reference),
      ...barrierWarnings(search),
    ],
  };
}

/** Whether the recipes give the champion's weights again from the parents. */
function rebuilds({ family }: SearchParts, { lineage, builder, state }: Search): boolean {
  const parents = new Map(family.parents.map(({ id, weights }) => [id, weights]));
  lineage.rebuild(state.champion.id, builder, parents);
  return true;
}

function barrierWarnings({ state }: Search): string[] {
  const worst = Math.max(...state.barriers);
  if (worst <= MERGEABLE_BARRIER) return [];
  return [
    `Half-way between two of the models the loss is ${worst.toFixed(2)} nats higher: they are hardly mergeable.`,
  ];
}

function emit({ ctx }: SearchParts, { state }: Search, metrics: Readonly<Record<string, MetricValue>>): void {
  for (const [name, value] of Object.entries(metrics)) {
    ctx.metric(name, value, {
      step: state.generation,
      ...(value === null ? { reason: 'does not apply' } : {}),
    });
  }
}

/** The catalogued numbers of the whole phase (metrics-catalogue, phase2). */
function phaseMetrics(
  { options, family }: SearchParts,
  { state, cache }: Search,
  finale: Finale,
  improvement: Improvement,
): Record<string, MetricValue> {
  const { champion, initial, usage } = state;
  const parameters = countParameters(family.tensors);
  const bits = champion.bits;
  const combos = Object.entries(usage.combos).filter(([, { tried }]) => tried > 0);
  const byMean = combos.sort(([, a], [, b]) => meanFitness(b) - meanFitness(a)).map(([label]) => label);
  const last = state.history.at(-1)!;
  return {
    ...techniqueMetrics(options.stages, usage.techniques),
    ...Object.fromEntries(
      Object.entries(usage.combos).flatMap(([label, tally]) => [
        [`combo/${label}/usage`, tally.tried],
        [`combo/${label}/avg_fitness`, tally.tried === 0 ? null : meanFitness(tally)],
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(usage.mutations).flatMap(([name, tally]) => [
        [`mutation/${name}/usage`, tally.tried],
        [`mutation/${name}/success_rate`, tally.good / tally.tried],
      ]),
    ),
    'phase/initial_fitness': initial.fitness,
    'phase/final_fitness': champion.fitness,
    'phase/fitness_improvement': champion.fitness - initial.fitness,
    'phase/fitness_improvement_percent': improvement.generation_0,
    'phase/best_merge_technique': bestTechnique(usage.techniques),
    'phase/compression_ratio': (family.parents.length * parameters) / parameters,
    'phase/champion_combo_id': bits === null ? null : comboId(bits),
    'phase/champion_combo_binary': bits,
    'handoff/from_phase1': true,
    'handoff/to_phase3': true,
    'handoff/champion_fitness': champion.fitness,
    'final/best_fitness': champion.fitness,
    'final/holdout_fitness': finale.champion.holdoutFitness,
    'final/fitness_improvement': champion.fitness - initial.fitness,
    'final/improvement_pct': improvement.generation_0,
    'final/generations': state.generation,
    'final/generations_completed': state.generation,
    'final/converged_at_generation': state.ended === 'converged' ? state.generation : null,
    'final/convergence_reason': state.ended,
    'final/best_combo': byMean[0] ?? null,
    'final/worst_combo': byMean.at(-1) ?? null,
    'final/champion_combo_id': bits === null ? null : comboId(bits),
    'final/combo_win_rate':
      bits === null
        ? null
        : state.history.filter(({ bestBits }) => bestBits === bits).length / state.history.length,
    'final/total_evolution_time_minutes': state.seconds / SECONDS_PER_MINUTE,
    'final/evaluations': cache.evaluations,
    'final/diversity': last.diversity,
    ...holdoutMetrics(finale),
  };
}

function holdoutMetrics(finale: Finale): Record<string, MetricValue> {
  const named = (prefix: string, values: Readonly<Record<string, MetricValue>>): [string, MetricValue][] =>
    Object.entries(values).map(([name, value]) => [`holdout/${prefix}/${name}`, value]);
  return Object.fromEntries([
    ...named(
      'fitness',
      byName(finale, (each) => each.holdoutFitness),
    ),
    ...named(
      'perplexity',
      byName(finale, ({ holdout }) => holdout.perplexity),
    ),
    ...named(
      'accuracy_forced',
      byName(finale, ({ holdout }) => holdout.accuracy),
    ),
    ...named(
      'accuracy_generated',
      byName(finale, ({ generatedAccuracy }) => generatedAccuracy),
    ),
    ...named(
      'average_steps',
      byName(finale, ({ holdout }) => holdout.averageSteps),
    ),
  ]);
}

function techniqueMetrics(
  stages: Readonly<Record<string, readonly string[]>>,
  techniques: Readonly<Record<string, Tally>>,
): Record<string, MetricValue> {
  return Object.fromEntries(
    Object.values(stages)
      .flat()
      .map((merge) => {
        const tally = techniques[merge];
        return [
          `merge_technique/${TECHNIQUE_NAMES[merge] ?? merge}/success_rate`,
          tally === undefined ? null : tally.good / tally.tried,
        ];
      }),
  );
}

function bestTechnique(techniques: Readonly<Record<string, Tally>>): string | null {
  const [best] = Object.entries(techniques).sort(([, a], [, b]) => meanFitness(b) - meanFitness(a));
  return best === undefined ? null : best[0];
}

function meanFitness({ fitnessSum, tried }: Tally): number {
  return fitnessSum / tried;
}

/** Numbers for the session report. */
function reportMetrics(
  { state, cache }: Search,
  finale: Finale,
  improvement: Improvement,
): Record<string, MetricValue> {
  return {
    evaluations: cache.evaluations,
    min_diversity: Math.min(...state.history.map(({ diversity }) => diversity)),
    peak_models_held: state.peakHeld,
    questions_asked: finale.questions,
    ...Object.fromEntries(
      Object.entries(improvement).map(([name, value]) => [`improvement_pct/${name}`, value]),
    ),
    ...Object.fromEntries(
      Object.entries(state.champion.components).map(([name, value]) => [`champion/component/${name}`, value]),
    ),
    ...Object.fromEntries(state.barriers.map((barrier, pair) => [`barrier/${pair}`, barrier])),
  };
}

interface HandoffParts {
  readonly model: ModelRef;
  readonly descent: readonly Descent[];
  readonly family: SearchParts['family'];
}

function handoffOf(
  { state }: Search,
  finale: Finale,
  improvement: Improvement,
  { model, descent, family }: HandoffParts,
): Handoff {
  const { champion, initial, usage } = state;
  return {
    schema: HANDOFF_SCHEMA,
    source_phase: 'evomerge',
    created_at: new Date().toISOString(),
    models: [model],
    artifacts: { recipe: model.sidecars['recipe']! },
    facts: {
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
      combo_usage: Object.fromEntries(
        Object.entries(usage.combos).map(([label, { tried }]) => [label, tried]),
      ),
      parents: model.metadata.parent_model_ids,
      recipe: descent.map((step) => {
        const parent = family.parents.find(({ id }) => id === step.id);
        return parent === undefined ? step : { ...step, model: parent.model.id };
      }),
      holdout: byName(finale, ({ holdoutFitness }) => holdoutFitness),
    },
  };
}
