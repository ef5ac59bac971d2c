import { BAKING_METRICS } from '../shared/baking/measure.js';
import { INTEGRITY_GATES, PARAMETER_RANGE, type GateTable } from '../shared/gates.js';
import type { MetricTable } from '../shared/metrics.js';
import { SHARED_TRAINING_METRICS, trainingMetrics } from '../shared/training/meter.js';

/** Gates of the phase. */
export const GATES = {
  ...INTEGRITY_GATES,
  ...PARAMETER_RANGE,
  special_tokens: { class: 'integrity', unit: 'tokens' },
  baking_accuracy: { class: 'target', unit: 'fraction' },
  baking_strategies: { class: 'target', unit: 'fraction' },
  thoughts_help: { class: 'target', unit: 'fraction' },
  better_than_without: { class: 'target', unit: 'fraction' },
  better_than_placebos: { class: 'target', unit: 'fraction' },
  better_than_control: { class: 'target', unit: 'fraction' },
  anti_theater: { class: 'target' },
  coherence: { class: 'target', unit: 'fraction' },
  validity: { class: 'target', unit: 'fraction' },
  latency_ms: { class: 'target', unit: 'ms' },
  ordinary_text: { class: 'target', unit: 'fraction' },
} as const satisfies GateTable;

/** The documented 17. */
export const PHASE_METRICS = {
  'step_{N}/thoughts_generated': { unit: 'count' },
  'step_{N}/thoughts_valid': { unit: 'count' },
  'step_{N}/validity_rate': { unit: 'fraction', direction: 'higher' },
  'step_{N}/avg_coherence': { unit: '0..1', direction: 'higher' },
  'step_{N}/semantic_similarity': { unit: '0..1', direction: 'higher' },
  'step_{N}/logical_consistency': { unit: '0..1', direction: 'higher' },
  'step_{N}/relevance_score': { unit: '0..1', direction: 'higher' },
  'step_{N}/fluency_score': { unit: '0..1', direction: 'higher' },
  'step_{N}/processing_time_ms': { unit: 'ms', direction: 'lower' },
  'phase/total_thoughts_generated': { unit: 'count' },
  'phase/total_thoughts_valid': { unit: 'count' },
  'phase/overall_validity_rate': { unit: 'fraction', direction: 'higher' },
  'phase/avg_coherence': { unit: '0..1', direction: 'higher' },
  'phase/accuracy_with_thoughts': { unit: 'fraction', direction: 'higher' },
  'phase/accuracy_without_thoughts': { unit: 'fraction', direction: 'higher' },
  'phase/accuracy_improvement': { unit: 'fraction', direction: 'higher' },
} as const satisfies MetricTable;

/** What the catalogue does not have: the alternative set, under names of its own. */
export const OWN_METRICS = {
  'baking/accuracy_overall': {
    unit: 'fraction',
    direction: 'higher',
    description:
      'Held-out questions of known families answered rightly after a thought, by the model that goes on',
  },
  'baking/step_1_accuracy': {
    unit: 'fraction',
    direction: 'higher',
    description:
      'Questions to choose by, answered rightly by the model of step 1 alone: after a thought, or without one where step 2 ends without',
  },
  'baking/{kl_before,kl_after}': {
    unit: 'nats',
    direction: 'lower',
    description:
      'Divergence from the teacher that reads the prompt, where the method is measured by it, on held-out examples, per baked token; of the last round that was kept',
  },
  'baking/strength': {
    unit: 'fraction',
    description: 'Share of the full effect on the held-out loss that is in the weights of step 1',
  },
  'baking/rounds': { unit: 'count', description: 'Rounds of baking that are in the weights of step 1' },
  'baking/accuracy/{strategy}': {
    unit: 'fraction',
    direction: 'higher',
    description: 'The same by the strategy that the question asks for',
  },
  'baking/tag_usage/{tag}': {
    unit: 'fraction',
    direction: 'higher',
    description:
      'Share of the written thoughts that have a tag, where the worked thought has it; `end`: that end by themselves',
  },
  'phase/total_thoughts_judged': {
    unit: 'count',
    description: 'Thoughts whose coherence was measured: what validity and coherence are of',
  },
  'anti_theater/{divergence,ablation_drop,correlation}': {
    unit: 'fraction',
    direction: 'higher',
    description: 'What tests T1, T2 and T3 of the anti-theater tests measured',
  },
  'anti_theater/{length,diversity}': {
    unit: 'tok',
    direction: 'higher',
    description: 'Tokens of a thought, and edit distance of thoughts drawn about one question: T4 and T5',
  },
  'anti_theater/repetition': {
    unit: 'fraction',
    direction: 'lower',
    description: 'Share of the tokens that stood in their thought before: T6',
  },
  'anti_theater/{accuracy_with,accuracy_without,accuracy_other}': {
    unit: 'fraction',
    direction: 'higher',
    description:
      'A few free questions answered rightly while step 2 trains, by what stands before the answer',
  },
  'anti_theater/{kl_weight,reward_threshold}': {
    unit: '1',
    description: 'Weight of the anchor and least advantage after a test while step 2 trains',
  },
  'anti_theater/all_passed': { unit: 'bool', description: 'Whether every required anti-theater test passed' },
  'hard_tokens/{loss_with,loss_without}': {
    unit: 'nats',
    direction: 'lower',
    description: 'Loss of the next token where the model is most unsure, after a thought and without',
  },
  'hard_tokens/{accuracy_with,accuracy_without}': {
    unit: 'fraction',
    direction: 'higher',
    description: 'Share of those tokens that were the likeliest',
  },
  'latency/{with_thought_ms,without_thought_ms}': {
    unit: 'ms',
    direction: 'lower',
    description: 'One prediction of one row with a thought before it, and without',
  },
} as const satisfies MetricTable;

/** What the objective of step 2 measures, as the catalogue describes it. */
const STEP_2_METRICS = {
  'rl/{total_loss,talk_loss}': { unit: 'nats', direction: 'lower' },
  'rl/talk_accuracy': { unit: 'fraction', direction: 'higher' },
  'rl/{talk_gain,reward}': { unit: 'nats', direction: 'higher' },
  'rl/{policy_loss,entropy,reward_std,kl_divergence}': { unit: 'nats' },
  'rl/{mixing_weight,advantages}': { unit: '1' },
  'rl/num_thoughts': { unit: 'count' },
} as const satisfies MetricTable;

/** Everything the phase emits. */
export const METRICS = {
  ...PHASE_METRICS,
  ...OWN_METRICS,
  ...STEP_2_METRICS,
  ...BAKING_METRICS,
  ...trainingMetrics('{baking,control,rl}'),
  ...SHARED_TRAINING_METRICS,
} as const satisfies MetricTable;

/** Numbers of the session report beyond the metrics. */
export const REPORT = {
  'arms/{part}/{arm}': { unit: 'fraction', direction: 'higher' },
  'arms/{part}/items': { unit: 'count' },
  'held_out/{model}': { unit: 'nats', direction: 'lower' },
  'held_out/{model}/{dataset}': { unit: 'nats', direction: 'lower' },
  'seconds/{part}': { unit: 's', direction: 'lower' },
} as const satisfies MetricTable;
