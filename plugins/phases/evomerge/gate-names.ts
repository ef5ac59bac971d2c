import type { EvomergeOptions } from './options.js';

const GATES: readonly string[] = [
  'model_count',
  'finite_weights',
  'causality',
  'parameters_unchanged',
  'lineage_rebuilds',
  'improvement_generation_0',
  'improvement_best_parent',
  'improvement_parents_mean',
  'improvement_holdout_generation_0',
  'improvement_holdout_best_parent',
  'champion_not_below_best_parent',
  'accuracy_kept',
  'diversity',
  'combos_tried',
  'combos_distinct',
  'generations',
  'models_held',
  'wall_hours',
];

/** Gates of phase 2 (spec/phase1-2.md 3.6). */
export function gateNames({ gates }: EvomergeOptions): readonly string[] {
  return gates.parameterRange === null ? GATES : [...GATES, 'parameter_range'];
}
