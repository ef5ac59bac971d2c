import { BAKING_METRICS } from '../shared/baking/measure.js';
import { INTEGRITY_GATES, PARAMETER_RANGE, type GateTable } from '../shared/gates.js';
import type { MetricTable } from '../shared/metrics.js';
import { SHARED_TRAINING_METRICS, trainingMetrics } from '../shared/training/meter.js';

/** Gates of the phase. */
export const GATES = {
  ...INTEGRITY_GATES,
  ...PARAMETER_RANGE,
  packed_read_back: { class: 'integrity' },
  gradient_flow: { class: 'integrity' },
  /** Latents quantise to the codes and scales that came in. */
  codes_kept: { class: 'integrity' },
  /** The loss of the model that came in is the one it was handed on with, where both were measured on the same documents. */
  input_loss: { class: 'target', unit: 'nats' },
  accuracy_maintained: { class: 'target', unit: 'fraction' },
  final_accuracy: { class: 'target', unit: 'fraction' },
  levels_completed: { class: 'target', unit: 'levels' },
  tool_success: { class: 'target', unit: 'fraction' },
  tool_restraint: { class: 'target', unit: 'fraction' },
  thoughts_help: { class: 'target', unit: 'fraction' },
  retention_first: { class: 'target', unit: 'fraction' },
  retention_all: { class: 'target', unit: 'fraction' },
  file_size: { class: 'target', unit: 'ratio' },
  perplexity: { class: 'target', unit: 'fraction' },
  /** What rounding as in training costs, where training rounds. */
  amp_loss: { class: 'target', unit: 'fraction' },
  /** Only with a comparison. */
  time_reduction: { class: 'target', unit: 'fraction' },
  assessment: { class: 'target', unit: 'fraction' },
} as const satisfies GateTable;

/** The documented 78. A stage that is switched off has null here, and why. */
export const CURRICULUM_METRICS = {
  'stage1/level_{01..10}/gradient_variance': { unit: 'variance' },
  'stage1/optimal_level': { unit: '1..10' },
  'stage1/optimal_level_accuracy': { unit: 'fraction' },
  'stage2/virtue_{golden_rule,honesty,justice,compassion}/baking_loss': { unit: 'nats', direction: 'lower' },
  'stage2/virtue_{golden_rule,honesty,justice,compassion}/baking_iterations': { unit: 'count' },
  'stage3/level_{01..10}/train_loss': { unit: 'nats', direction: 'lower' },
  'stage3/level_{01..10}/train_accuracy': { unit: 'fraction', direction: 'higher' },
  'stage3/level_{01..10}/epochs_to_completion': { unit: 'epochs', direction: 'lower' },
  'stage4/tool_success_rate': { unit: 'fraction', direction: 'higher' },
  'stage4/code_execution_accuracy': { unit: 'fraction', direction: 'higher' },
  'stage4/tool_calls_total': { unit: 'count' },
  'stage4/tool_calls_successful': { unit: 'count' },
  'stage4/tool_calls_failed': { unit: 'count', direction: 'lower' },
  'stage4/sandbox_violations': { unit: 'count', direction: 'lower' },
  'stage5/temperature_prediction_accuracy': { unit: 'fraction', direction: 'higher' },
  'stage5/predicted_temp_avg': { unit: 'temperature' },
  'stage5/actual_optimal_temp_avg': { unit: 'temperature' },
  'stage5/calibration_error': { unit: 'temperature', direction: 'lower' },
  'stage5/self_modeling_loss': { unit: 'mse', direction: 'lower' },
  'stage6/level_{01..10}/dream_reconstruction_loss': { unit: 'nats', direction: 'lower' },
  'stage7/questions_generated': { unit: 'count' },
  'stage7/openrouter_cost_usd': { unit: 'USD', direction: 'lower' },
  'stage7/frontier_model_calls': { unit: 'count' },
  'stage7/data_quality_score': { unit: '0..1', direction: 'higher' },
  'stage7/generation_time_hours': { unit: 'h', direction: 'lower' },
  'phase/stages_completed': { unit: '0..7', direction: 'higher' },
  'phase/total_duration_hours': { unit: 'h', direction: 'lower' },
} as const satisfies MetricTable;

/** The 55 of main training but duration, which the kernel knows. */
export const FORGE_METRICS = {
  'train/loss': { unit: 'nats', direction: 'lower' },
  'train/accuracy': { unit: 'fraction', direction: 'higher' },
  'train/perplexity': { unit: 'ppl', direction: 'lower' },
  'train/learning_rate': { unit: '1' },
  'train/gradient_norm': { unit: 'norm' },
  'grokking/detected': { unit: 'bool' },
  'grokking/step': { unit: 'steps' },
  'grokking/accuracy_derivative': { unit: 'fraction/step' },
  'grokking/improvement': { unit: 'fraction' },
  'val/loss': { unit: 'nats', direction: 'lower' },
  'val/accuracy': { unit: 'fraction', direction: 'higher' },
  'val/perplexity': { unit: 'ppl', direction: 'lower' },
  'system/gpu_utilization': { unit: '%' },
  'system/vram_used_gb': { unit: 'GB', direction: 'lower' },
  'system/time_per_step_ms': { unit: 'ms', direction: 'lower' },
  'phase/total_epochs': { unit: 'epochs' },
  'phase/total_steps': { unit: 'steps' },
  'phase/grokking_detected': { unit: 'bool' },
  'phase/grokking_step': { unit: 'steps' },
  'phase/grokfast_speedup': { unit: 'ratio', direction: 'higher' },
  'phase/final_accuracy': { unit: 'fraction', direction: 'higher' },
  'grokfast/alpha': { unit: '1' },
  'grokfast/lambda': { unit: '1' },
  'grokfast/ema_norm': { unit: 'norm' },
  'grokfast/raw_grad_norm': { unit: 'norm' },
  'grokfast/filtered_ratio': { unit: 'ratio' },
  'grokfast/cos_g_mu': { unit: 'cosine' },
  'bitnet/zero_fraction': { unit: 'fraction' },
  'bitnet/flip_rate': { unit: 'fraction' },
  'bitnet/scale_mean': { unit: '1' },
  'bitnet/scale_std': { unit: '1' },
  'bitnet/latent_quant_mse': { unit: 'mse', direction: 'lower' },
  'bitnet/act_clip_fraction': { unit: 'fraction', direction: 'lower' },
  'amp/loss_scale': { unit: '1' },
  'amp/overflow_count': { unit: 'count', direction: 'lower' },
  'amp/skipped_steps': { unit: 'steps', direction: 'lower' },
  'amp/underflow_fraction': { unit: 'fraction', direction: 'lower' },
  'speedup/toy_base_steps95': { unit: 'steps' },
  'speedup/toy_grokfast_steps95': { unit: 'steps', direction: 'lower' },
  'speedup/paper_ratio': { unit: 'ratio', direction: 'higher' },
  'speedup/equal_wd_ratio': { unit: 'ratio', direction: 'higher' },
  'speedup/tuned_ratio': { unit: 'ratio', direction: 'higher' },
  'speedup/tuned_wall_ratio': { unit: 'ratio', direction: 'higher' },
  'speedup/toy_seeds': { unit: 'count' },
  'speedup/bitnet_time_reduction_pct': { unit: '%', direction: 'higher' },
  'grokking/state': { unit: 'label' },
  'grokking/memorised_step': { unit: 'steps' },
  'grokking/delay_ratio': { unit: 'ratio' },
  'grokking/train_val_gap': { unit: 'fraction' },
  'muon/update_rms': { unit: '1' },
  'muon/ortho_error': { unit: '1', direction: 'lower' },
  'qkclip/activations': { unit: 'count' },
  'data/tokens_seen': { unit: 'tok' },
  'data/epoch': { unit: 'epochs' },
} as const satisfies MetricTable;

/** What the catalogue does not have. */
export const OWN_METRICS = {
  'level_{N}/held_out_accuracy': {
    unit: 'fraction',
    direction: 'higher',
    description:
      'Held-out tasks of a level answered rightly when the level ended; null where it was not reached',
  },
  forgetting: {
    unit: 'fraction',
    direction: 'lower',
    description:
      'Mean over earlier lists of the best accuracy before less the one now, at the end of each level: its number is the step',
  },
  'retention/{first,all}': {
    unit: 'fraction',
    direction: 'higher',
    description:
      'Accuracy at the end over the best before, of the tasks of the first level and of all, the mean',
  },
  'tools/{tool}/{success_with_manual,success_without_manual}': {
    unit: 'fraction',
    direction: 'higher',
    description: 'Held-out questions that need a tool, answered rightly through its result',
  },
  'tools/{tool}/calls_without_manual': {
    unit: 'fraction',
    direction: 'lower',
    description: 'Held-out questions that need a tool, in which it was called though no manual was given',
  },
  'tools/false_calls': {
    unit: 'fraction',
    direction: 'lower',
    description: 'Held-out questions that need no tool, in which one was called',
  },
  'accuracy/{before,after,without}': {
    unit: 'fraction',
    direction: 'higher',
    description:
      'Locked questions of phase 3 answered rightly: after a thought by the model that came in and by the one that goes on, and by the latter without one',
  },
  'perplexity/{before,after}': {
    unit: 'ppl',
    direction: 'lower',
    description: 'Of locked text of phase 1, of the model that came in and of the one that goes on',
  },
  'assessment/baseline': {
    unit: '1..100',
    direction: 'higher',
    description:
      'Hardest difficulty at which the model, before any level, is right as often as was asked for',
  },
  'values/{rule}/{kl_before,kl_after}': {
    unit: 'nats',
    direction: 'lower',
    description:
      'Divergence from the model with the rule in front, on held-out tasks, before its bake and after it',
  },
  'comparison/{arm}/{loss,text_loss,tasks_loss}': {
    unit: 'nats',
    direction: 'lower',
    description:
      'Held-out loss of an optimizer that is compared: of text, of answers to tasks, and the mean of both; its updates are the step',
  },
  'comparison/{arm}/seconds': {
    unit: 's',
    direction: 'lower',
    description: 'Seconds of the updates of an optimizer that is compared, up to an evaluation',
  },
  'comparison/{arm}/time_reduction_pct': {
    unit: '%',
    direction: 'higher',
    description: 'Seconds that an optimizer saves on the way to the best loss of the baseline',
  },
  'output_head/std': {
    unit: '1',
    description: 'Standard deviation of the weights of the output head, before they are packed',
  },
  'anti_theater/{divergence,ablation_drop}': {
    unit: 'fraction',
    direction: 'higher',
    description: 'What tests T1 and T2 of the anti-theater tests measured on the packed model',
  },
} as const satisfies MetricTable;

/** Everything the phase emits. */
export const METRICS = {
  ...CURRICULUM_METRICS,
  ...FORGE_METRICS,
  ...OWN_METRICS,
  ...BAKING_METRICS,
  ...trainingMetrics('forge'),
  ...SHARED_TRAINING_METRICS,
  'loss/self_model': {
    unit: 'mse',
    direction: 'lower',
    description: 'Of predicting the activations of a layer, which have a mean square of 1',
  },
  'loss/distillation': {
    unit: 'nats',
    direction: 'lower',
    description: 'Divergence of the softened predictions from those of the frozen model, per token',
  },
} as const satisfies MetricTable;

/** Numbers of the session report beyond the metrics. */
export const REPORT = {
  'seconds/{part}': { unit: 's', direction: 'lower' },
} as const satisfies MetricTable;
