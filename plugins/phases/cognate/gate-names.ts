import type { CognateOptions } from './options.js';

const GATES: readonly string[] = [
  'model_count',
  'finite_weights',
  'causality',
  'below_unigram_entropy',
  'loss_reduction',
  'loss_below_3',
  'step_losses_ordered',
  'avg_steps',
  'gate_entropy',
  'latency_ms',
  'halting_spread',
  'memory_spread',
  'latency_spread',
  'output_divergence',
];

/** Gates of phase 1; those of single models are reported as `<gate>/<model>`. */
export function gateNames({ gates }: CognateOptions): readonly string[] {
  return gates.parameterRange === null ? GATES : [...GATES, 'parameter_range'];
}
