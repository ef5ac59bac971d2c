import { definePhase, type Phase } from '../../../core/contracts/phase.js';
import { loadHandoffSchema } from '../../../core/contracts/handoff-schema.js';
import { gateNames } from './gate-names.js';
import { METRIC_NAMES } from './metric-names.js';
import { CognateOptions } from './options.js';

/**
 * Phase 1: three specialised models branched from one trunk, trained on real text, measured on held-out text
 * (spec phase1-2.md section 1).
 */
export const cognate = definePhase({
  name: 'cognate',
  description:
    'Three small models with a common trunk, each specialised: reasoning, memory, adaptive computation',
  options: CognateOptions,
  create: (options): Phase => ({
    title: 'Cognate',
    input: null,
    output: loadHandoffSchema('cognate-to-evomerge'),
    metrics: METRIC_NAMES,
    gates: gateNames(options),
    plan: async (context) => (await import('./plan.js')).planCognate(context, options),
    run: async (context) => (await import('./run.js')).runCognate(context, options),
  }),
});
