import { INTEGRITY_GATES, PARAMETER_RANGE, type GateTable } from '../shared/gates.js';
import type { MetricTable } from '../shared/metrics.js';
import { SHARED_TRAINING_METRICS, trainingMetrics } from '../shared/training/meter.js';

/** Gates of the phase. */
export const GATES = {
  ...INTEGRITY_GATES,
  ...PARAMETER_RANGE,
  packed_read_back: { class: 'integrity' },
  gradient_flow: { class: 'integrity' },
  dequantization_agreement: { class: 'target', unit: 'fraction' },
  compression: { class: 'target', unit: 'ratio' },
  file_size: { class: 'target', unit: 'MB' },
  accuracy_retention: { class: 'target', unit: 'fraction' },
  perplexity: { class: 'target', unit: 'fraction' },
  recovery: { class: 'target', unit: 'fraction' },
  thoughts_help: { class: 'target', unit: 'fraction' },
  anti_theater: { class: 'target' },
  speedup: { class: 'target', unit: 'ratio' },
  sparsity: { class: 'target', unit: 'fraction' },
} as const satisfies GateTable;

/** The documented 19 but duration and success, which the kernel knows. */
export const PHASE_METRICS = {
  'compression/original_size_mb': { unit: 'MiB' },
  'compression/compressed_size_mb': { unit: 'MiB', direction: 'lower' },
  'compression/compression_ratio': { unit: 'ratio', direction: 'higher' },
  'compression/layers_compressed': { unit: 'count' },
  'compression/layers_preserved': { unit: 'count' },
  'compression/sparsity_ratio': { unit: 'fraction' },
  'quality/pre_compression_perplexity': { unit: 'ppl', direction: 'lower' },
  'quality/post_compression_perplexity': { unit: 'ppl', direction: 'lower' },
  'quality/perplexity_degradation_percent': { unit: '%', direction: 'lower' },
  'quality/post_finetuning_perplexity': { unit: 'ppl', direction: 'lower' },
  'quality/perplexity_recovery_percent': { unit: '%', direction: 'higher' },
  'quality/pre_accuracy': { unit: 'fraction', direction: 'higher' },
  'quality/post_accuracy': { unit: 'fraction', direction: 'higher' },
  'quality/accuracy_retention': { unit: 'fraction', direction: 'higher' },
  'performance/inference_speedup': { unit: 'ratio', direction: 'higher' },
  'performance/memory_reduction': { unit: 'ratio', direction: 'higher' },
  'performance/calibration_time_seconds': { unit: 's', direction: 'lower' },
} as const satisfies MetricTable;

/** What is watched while latents train. */
export const WATCHED = {
  'recovery/flip_rate': {
    unit: 'fraction',
    direction: 'lower',
    description: 'Share of the ternary codes that are others than at the count before',
  },
  'recovery/zeros': { unit: 'fraction', description: 'Zeros among the codes of a matrix' },
  'recovery/scale': { unit: '1', description: 'Scale of the codes of a matrix, of rows the mean' },
} as const satisfies MetricTable;

/** What the catalogue does not have. */
export const OWN_METRICS = {
  'compression/ratio_fp16': {
    unit: 'ratio',
    direction: 'higher',
    description: 'Bytes of the weights as half floats over bytes of the packed file',
  },
  'compression/linear_ratio': {
    unit: 'ratio',
    direction: 'higher',
    description: 'The same of the quantised linear matrices alone, in float32: never the ratio of the model',
  },
  'compression/table_share': {
    unit: 'fraction',
    description: 'Share of the packed file that embedding and output head take',
  },
  'quality/dequantization_agreement': {
    unit: 'fraction',
    direction: 'higher',
    description: 'Tokens of held-out text that packed weights and their fp16 expansion both find likeliest',
  },
  'quality/untrained_accuracy': {
    unit: 'fraction',
    direction: 'higher',
    description: 'Questions answered rightly by the quantised model before any training',
  },
  'anti_theater/{divergence,ablation_drop}': {
    unit: 'fraction',
    direction: 'higher',
    description: 'What tests T1 and T2 of the anti-theater tests measured on the packed model',
  },
} as const satisfies MetricTable;

/** Everything the phase emits. */
export const METRICS = {
  ...PHASE_METRICS,
  ...OWN_METRICS,
  ...WATCHED,
  ...trainingMetrics('recovery'),
  ...SHARED_TRAINING_METRICS,
  'loss/distillation': {
    unit: 'nats',
    direction: 'lower',
    description: 'Divergence of the softened predictions from those of the frozen float model, per token',
  },
} as const satisfies MetricTable;

/** Numbers of the session report beyond the metrics. */
export const REPORT = {
  'perplexity/{model}': { unit: 'ppl', direction: 'lower' },
  'accuracy/{model}': { unit: 'fraction', direction: 'higher' },
  'seconds/{part}': { unit: 's', direction: 'lower' },
} as const satisfies MetricTable;
