import { INTEGRITY_GATES, PARAMETER_RANGE, type GateTable } from '../shared/gates.js';
import type { MetricTable } from '../shared/metrics.js';

/** Gates of the phase; a miss is reported with the measured figure. */
export const GATES = {
  ...INTEGRITY_GATES,
  ...PARAMETER_RANGE,
  parameters_unchanged: { class: 'integrity', unit: 'parameters' },
  lineage_rebuilds: { class: 'integrity' },
  improvement_generation_0: { class: 'target', unit: 'fraction' },
  improvement_best_parent: { class: 'target', unit: 'fraction' },
  improvement_parents_mean: { class: 'target', unit: 'fraction' },
  improvement_holdout_generation_0: { class: 'target', unit: 'fraction' },
  improvement_holdout_best_parent: { class: 'target', unit: 'fraction' },
  champion_not_below_best_parent: { class: 'target', unit: 'fitness' },
  accuracy_kept: { class: 'target', unit: 'fraction' },
  diversity: { class: 'target' },
  combos_tried: { class: 'target' },
  combos_distinct: { class: 'target' },
  generations: { class: 'target' },
  models_held: { class: 'target', unit: 'models' },
  wall_hours: { class: 'target', unit: 'h' },
} as const satisfies GateTable;

const fitness = { unit: 'fitness', direction: 'higher' } as const;
const count = { unit: 'count' } as const;

/** What is told of every generation. */
export const GENERATION_METRICS = {
  'generation_{N}/{best,avg,min,max,std}_fitness': { unit: 'fitness' },
  'generation_{N}/diversity_score': { unit: 'cosine distance' },
  'generation_{N}/convergence_indicator': { unit: '0..1' },
  'generation/mutation_count': count,
  'evolution/combo_{bits}_count': count,
  'evolution/generation': { unit: 'generation' },
  'evolution/diversity': {},
  'evolution/functional_diversity': { unit: 'nats' },
  'evolution/unique_models': count,
  'evolution/evaluations': count,
  'evolution/scored_tokens_per_second': { unit: 'tok/s', direction: 'higher' },
  'champion/fitness': fitness,
  'champion/generation_found': { unit: 'generation' },
  'combos/gen0_fitness_{bits}': fitness,
  'fitness/best_perplexity': { unit: 'ppl', direction: 'lower' },
  'fitness/best_accuracy': { unit: 'fraction', direction: 'higher' },
  'fitness/best_memory_mb': { unit: 'MiB', direction: 'lower' },
  'elite/fitness_{1,2}': fitness,
  'loser/avg_fitness': fitness,
  'models/model_{N}/{fitness,perplexity,accuracy,combo_id}': {},
  'time/generation_duration_seconds': { unit: 's', direction: 'lower' },
  'time/estimated_completion_minutes': { unit: 'min' },
} as const satisfies MetricTable;

/** What is told once the search is over. */
export const PHASE_METRICS = {
  'merge_technique/{merge}/success_rate': { unit: 'fraction', direction: 'higher' },
  'combo/{bits}/usage': count,
  'combo/{bits}/avg_fitness': fitness,
  'mutation/{mutation}/usage': count,
  'mutation/{mutation}/success_rate': { unit: 'fraction', direction: 'higher' },
  'phase/{initial,final}_fitness': fitness,
  'phase/fitness_improvement': fitness,
  'phase/fitness_improvement_percent': { unit: '%', direction: 'higher' },
  'phase/best_merge_technique': { unit: 'label' },
  'phase/champion_combo_id': { unit: '0..7' },
  'phase/champion_combo_binary': { unit: 'label' },
  'handoff/champion_fitness': fitness,
  'final/{best_fitness,holdout_fitness,fitness_improvement}': fitness,
  'final/improvement_pct': { unit: '%', direction: 'higher' },
  'final/{generations,generations_completed,converged_at_generation}': { unit: 'generation' },
  'final/{best_combo,worst_combo,convergence_reason}': { unit: 'label' },
  'final/champion_combo_id': { unit: '0..7' },
  'final/combo_win_rate': { unit: 'fraction' },
  'final/total_evolution_time_minutes': { unit: 'min', direction: 'lower' },
  'final/evaluations': count,
  'final/diversity': {},
  'holdout/fitness/{model}': fitness,
  'holdout/perplexity/{model}': { unit: 'ppl', direction: 'lower' },
  'holdout/{accuracy_forced,accuracy_generated}/{model}': { unit: 'fraction', direction: 'higher' },
  'holdout/average_steps/{model}': { unit: 'steps' },
} as const satisfies MetricTable;

/** Everything the phase emits. */
export const METRICS = { ...GENERATION_METRICS, ...PHASE_METRICS } as const satisfies MetricTable;

/** Numbers of the session report beyond the metrics. */
export const REPORT = {
  evaluations: count,
  min_diversity: {},
  peak_models_held: { unit: 'models' },
  questions_asked: count,
  'improvement_pct/{reference}': { unit: '%', direction: 'higher' },
  'champion/component/{term}': { direction: 'higher' },
  'barrier/{N}': { unit: 'nats', direction: 'lower' },
} as const satisfies MetricTable;
