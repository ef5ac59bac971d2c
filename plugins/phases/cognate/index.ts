import { definePhase, type Phase } from '../../../contracts/phase.js';
import { loadHandoffSchema } from '../../../contracts/handoff-schema.js';
import { gateNames } from './gate-names.js';
import { CognateOptions } from './options.js';

/** Catalogued and additional metrics this phase emits (schemas/metrics.json). */
const METRICS: readonly string[] = [
  'config/num_models',
  'config/hidden_size',
  'config/num_layers',
  'config/parameters_target',
  'model_{1..3}/train/loss',
  'model_{1..3}/train/loss_avg_100',
  'model_{1..3}/train/learning_rate',
  'model_{1..3}/epoch/loss',
  'model_{1..3}/size_mb',
  'model_{1..3}/parameters',
  'phase/num_models_created',
  'phase/total_parameters',
  'phase/avg_final_loss',
  'phase/min_final_loss',
  'phase/max_final_loss',
  'phase/total_size_mb',
  'phase/duration_seconds',
  'phase/success',
  'diversity/avg_halting_steps',
  'diversity/ltm_usage',
  'diversity/inference_time_ms',
  'act/avg_steps',
  'gate/entropy',
  'optim/grokfast_mu_norm',
  'optim/qk_clip_activations',
];

/**
 * Phase 1: three specialised models branched from one trunk, trained on real text, measured on held-out text
 * (spec phase1-2.md section 1).
 */
export const cognate = definePhase({
  name: 'cognate',
  description: 'Three small models with a common trunk, each specialised: reasoning, memory, adaptive computation',
  options: CognateOptions,
  create: (options): Phase => ({
    title: 'Cognate',
    input: null,
    output: loadHandoffSchema('cognate-to-evomerge'),
    metrics: METRICS,
    gates: gateNames(options),
    plan: async (context) => (await import('./plan.js')).planCognate(context, options),
    run: async (context) => (await import('./run.js')).runCognate(context, options),
  }),
});
