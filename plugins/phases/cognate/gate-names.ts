/** Gates of phase 1; those of single models are reported as `<gate>/<model>`. */
export const GATE_NAMES: readonly string[] = [
  'model_count',
  'finite_weights',
  'parameter_range',
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
