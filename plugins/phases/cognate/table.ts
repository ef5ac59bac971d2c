import { INTEGRITY_GATES, PARAMETER_RANGE, type GateTable } from '../shared/gates.js';
import type { MetricTable } from '../shared/metrics.js';
import { SHARED_TRAINING_METRICS, trainingMetrics } from '../shared/training/meter.js';

/** Gates of the phase; those of single models are reported as `<gate>/<model>`. */
export const GATES = {
  model_count: { class: 'integrity', unit: 'models' },
  ...INTEGRITY_GATES,
  ...PARAMETER_RANGE,
  below_unigram_entropy: { class: 'target', unit: 'nats', per: 'model' },
  loss_reduction: { class: 'target', unit: 'fraction', per: 'model' },
  loss_below_3: { class: 'target', unit: 'nats', per: 'model' },
  step_losses_ordered: { class: 'target', unit: 'nats', per: 'model' },
  avg_steps: { class: 'target', unit: 'steps', per: 'model' },
  gate_entropy: { class: 'target', unit: 'nats', per: 'model' },
  latency_ms: { class: 'target', unit: 'ms', per: 'model' },
  halting_spread: { class: 'target', unit: 'steps' },
  memory_spread: { class: 'target', unit: 'fraction' },
  latency_spread: { class: 'target', unit: 'fraction' },
  output_divergence: { class: 'target', unit: 'nats' },
} as const satisfies GateTable;

/** What the phase measures itself, as it goes and in the end. */
export const PHASE_METRICS = {
  'config/num_models': { unit: 'count' },
  'config/hidden_size': { unit: 'dims' },
  'config/num_layers': { unit: 'layers' },
  'config/parameters_target': { unit: 'params' },
  'model_{N}/size_mb': { unit: 'MiB' },
  'model_{N}/parameters': { unit: 'params' },
  'phase/num_models_created': { unit: 'count' },
  'phase/total_parameters': { unit: 'params' },
  'phase/avg_final_loss': { unit: 'nats', direction: 'lower' },
  'phase/min_final_loss': { unit: 'nats', direction: 'lower' },
  'phase/max_final_loss': { unit: 'nats', direction: 'lower' },
  'phase/total_size_mb': { unit: 'MiB' },
  'phase/success': { unit: 'bool' },
  'diversity/avg_halting_steps': { unit: 'steps', direction: 'higher' },
  'diversity/ltm_usage': { unit: 'fraction', direction: 'higher' },
  'diversity/inference_time_ms': { unit: 'ms', direction: 'higher' },
} as const satisfies MetricTable;

/** Everything the phase emits. */
export const METRICS = {
  ...PHASE_METRICS,
  ...trainingMetrics('model_{N}'),
  ...trainingMetrics('trunk'),
  ...SHARED_TRAINING_METRICS,
} as const satisfies MetricTable;

/** Numbers of the session report beyond the metrics: held-out losses beside what token frequencies alone would give. */
export const REPORT = {
  parameters: { unit: 'params' },
  tokens_per_second: { unit: 'tok/s', direction: 'higher' },
  peak_memory_mb: { unit: 'MiB' },
  held_out_at_start: { unit: 'nats' },
  unigram_entropy: { unit: 'nats' },
  'unigram_entropy/{dataset}': { unit: 'nats' },
  'records/{dataset}/{train,held_out,duplicates}': { unit: 'records' },
  'held_out/{model}': { unit: 'nats', direction: 'lower' },
  'held_out/{model}/{dataset}': { unit: 'nats', direction: 'lower' },
} as const satisfies MetricTable;
