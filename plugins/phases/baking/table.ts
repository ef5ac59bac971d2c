import { BAKING_METRICS } from '../shared/baking/measure.js';
import { INTEGRITY_GATES, PARAMETER_RANGE, type GateTable } from '../shared/gates.js';
import type { MetricTable } from '../shared/metrics.js';
import { SHARED_TRAINING_METRICS, trainingMetrics } from '../shared/training/meter.js';

/** Gates of the phase. */
export const GATES = {
  ...INTEGRITY_GATES,
  ...PARAMETER_RANGE,
  packed_read_back: { class: 'integrity' },
  /** Every matrix is in the format that it came in. */
  format_kept: { class: 'integrity' },
  tool_success: { class: 'target', unit: 'fraction' },
  each_tool: { class: 'target', unit: 'fraction' },
  false_calls: { class: 'target', unit: 'fraction' },
  tools_refused: { class: 'target', unit: 'tools' },
  persona_consistency: { class: 'target', unit: 'fraction' },
  personas_refused: { class: 'target', unit: 'personas' },
  persona_switching: { class: 'target', unit: 'pairs' },
  forgetting: { class: 'target', unit: 'points' },
  divergence_removed: { class: 'target', unit: 'fraction' },
  latency: { class: 'target', unit: 'ratio' },
  perplexity: { class: 'target', unit: 'fraction' },
  file_size: { class: 'target', unit: 'ratio' },
} as const satisfies GateTable;

const TOOL = '{calculator,code_executor,database_query,file_reader,search}';
const PERSONA = '{helpful,creative,precise,careful}';

/** The 42 of tools and personas but duration, which the kernel knows. What is not baked is null here, and why. */
export const BAKE_METRICS = {
  [`tool_${TOOL}/baking_iterations`]: { unit: 'count', direction: 'lower' },
  [`tool_${TOOL}/success_rate`]: { unit: 'fraction', direction: 'higher' },
  [`tool_${TOOL}/convergence_step`]: { unit: 'steps', direction: 'lower' },
  [`persona_${PERSONA}/consistency_score`]: { unit: 'fraction', direction: 'higher' },
  [`persona_${PERSONA}/trait_adherence`]: { unit: 'fraction', direction: 'higher' },
  'phase/tools_baked': { unit: 'count', direction: 'higher' },
  'phase/personas_baked': { unit: 'count', direction: 'higher' },
  'phase/avg_tool_success_rate': { unit: 'fraction', direction: 'higher' },
  'phase/avg_persona_consistency': { unit: 'fraction', direction: 'higher' },
  [`tool_${TOOL}/false_call_rate`]: { unit: 'fraction', direction: 'lower' },
  [`persona_${PERSONA}/stability_at_turn_30`]: { unit: 'fraction', direction: 'higher' },
  'bake/final_kl': { unit: 'nats', direction: 'lower' },
  'bake/kl_reduction': { unit: 'fraction', direction: 'higher' },
  'bake/loglik_r2': { unit: '1', direction: 'higher' },
  'phase/max_forgetting': { unit: 'points', direction: 'lower' },
  'phase/latency_saving_ms': { unit: 'ms', direction: 'higher' },
} as const satisfies MetricTable;

/** The 32 of cycles but duration. */
export const CYCLE_METRICS = {
  'a_cycle_{N}/baseline_solve_rate': { unit: 'fraction', direction: 'higher' },
  'a_cycle_{N}/improved_solve_rate': { unit: 'fraction', direction: 'higher' },
  'a_cycle_{N}/improvement': { unit: 'fraction', direction: 'higher' },
  'a_cycle_{N}/tool_failures_analyzed': { unit: 'count' },
  'b_cycle_{N}/persona_traits_discovered': { unit: 'list' },
  'b_cycle_{N}/consistency_score': { unit: '0..1', direction: 'higher' },
  'b_cycle_{N}/response_samples': { unit: 'count' },
  'plateau/detection_count': { unit: 'count' },
  'plateau/last_detection_iteration': { unit: 'iteration' },
  'plateau/cycle_switches': { unit: 'count' },
  'phase/a_cycles_completed': { unit: 'count' },
  'phase/b_cycles_completed': { unit: 'count' },
  'phase/total_ab_cycles': { unit: 'count' },
  'phase/final_swe_bench_rate': { unit: 'fraction', direction: 'higher' },
  'phase/final_persona_consistency': { unit: '0..1', direction: 'higher' },
  'phase/half_baking_iterations': { unit: 'count' },
  'a_cycle/iteration': { unit: 'iteration' },
  'a_cycle/winner_score': { unit: 'fraction', direction: 'higher' },
  'a_cycle/baking_strength': { unit: '0..1' },
  'a_cycle/plateau_detected': { unit: 'bool' },
  'a_cycle/swe_bench_pass_at_1': { unit: 'fraction', direction: 'higher' },
  'a_cycle/swe_bench_tool_usage_rate': { unit: 'fraction' },
  'b_cycle/iteration': { unit: 'iteration' },
  'b_cycle/winner_score': { unit: 'fraction', direction: 'higher' },
  'b_cycle/improvement': { unit: 'fraction', direction: 'higher' },
  'b_cycle/baking_strength': { unit: '0..1' },
  'b_cycle/plateau_detected': { unit: 'bool' },
  'b_cycle/aggregate_score': { unit: 'fraction', direction: 'higher' },
  'convergence/a_plateau': { unit: 'bool' },
  'convergence/b_plateau': { unit: 'bool' },
  'convergence/converged': { unit: 'bool' },
} as const satisfies MetricTable;

/** What the catalogue does not have. */
export const OWN_METRICS = {
  'tools/{tool}/{unprompted,prompted,baked,answered}': {
    unit: 'fraction',
    direction: 'higher',
    description:
      'Held-out questions whose tool is called rightly: by the model that came in without and with the manual, by this one without; and answered rightly without',
  },
  'tools/{tool}/fading_{manual,short,name,none}': {
    unit: 'fraction',
    direction: 'higher',
    description: 'The same while the manual in front gets shorter',
  },
  'personas/{persona}/shows_{trait}': {
    unit: 'fraction',
    description: 'Answers of a persona that show a trait, its own or that of another one',
  },
  'bakes/{bake}/{kl_before,kl_after}': {
    unit: 'nats',
    direction: 'lower',
    description: 'Divergence from the model with the prompt in front, held-out, before a bake and after it',
  },
  'bakes/{bake}/{r2_before,r2_after}': {
    unit: '1',
    direction: 'higher',
    description: 'How well likelihoods without the prompt fit those with it, held-out',
  },
  'lists/{list}': {
    unit: 'fraction',
    direction: 'higher',
    description:
      'A list of held-out questions that is asked again after every bake; the number of the bake is the step',
  },
  'perplexity/{before,after}': {
    unit: 'ppl',
    direction: 'lower',
    description: 'Of locked text of phase 1, of the model that came in and of the one that goes on',
  },
  'accuracy/{after,without}': {
    unit: 'fraction',
    direction: 'higher',
    description: 'Locked questions of phase 3 answered rightly, after a thought and without one',
  },
  'latency/{prompted,baked}_ms': {
    unit: 'ms',
    direction: 'lower',
    description: 'A whole answer, calls included, with the manual read first and without',
  },
  'latency/tokens_saved': {
    unit: 'tok',
    direction: 'higher',
    description: 'Tokens of the manual that need not be read, per question',
  },
} as const satisfies MetricTable;

/** Everything the phase emits. */
export const METRICS = {
  ...BAKE_METRICS,
  ...CYCLE_METRICS,
  ...OWN_METRICS,
  ...BAKING_METRICS,
  ...trainingMetrics('bake'),
  ...trainingMetrics('lessons'),
  ...SHARED_TRAINING_METRICS,
} as const satisfies MetricTable;

/** Numbers of the session report beyond the metrics. */
export const REPORT = {
  'seconds/{part}': { unit: 's', direction: 'lower' },
} as const satisfies MetricTable;
