import { loadHandoffSchema } from '../../../core/contracts/handoff-schema.js';
import { definePhase, type Phase } from '../../../core/contracts/phase.js';
import { gateNames } from './gate-names.js';
import { METRIC_NAMES } from './metric-names.js';
import { EvomergeOptions } from './options.js';

/**
 * Phase 2: the three models of phase 1 are merged in eight ways and the merges evolve; the best one goes on
 * (spec phase1-2.md section 3).
 */
export const evomerge = definePhase({
  name: 'evomerge',
  description: 'One model from three: merges of them evolve, measured on text that none was trained on',
  options: EvomergeOptions,
  create: (options): Phase => ({
    title: 'EvoMerge',
    input: loadHandoffSchema('cognate-to-evomerge'),
    output: loadHandoffSchema('evomerge-to-quietstar'),
    metrics: METRIC_NAMES,
    gates: gateNames(options),
    plan: async (context) => (await import('./plan.js')).planEvomerge(context, options),
    run: async (context, input) => (await import('./run.js')).runEvomerge(context, options, input),
  }),
});
