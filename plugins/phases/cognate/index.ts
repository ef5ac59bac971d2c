import { definePhase, type Phase } from '../../../core/contracts/phase.js';
import { loadHandoffSchema } from '../../../core/contracts/handoff-schema.js';
import { gateNames } from '../shared/gates.js';
import { metricNames } from '../shared/metrics.js';
import { CognateOptions } from './options.js';
import { GATES, METRICS } from './table.js';

/**
 * Phase 1: specialised models branched from one trunk, trained on real text, measured on held-out text. Three of them by
 * default; one or many, with names of one's own, by an option.
 */
export const cognate = definePhase({
  name: 'cognate',
  description: 'Small models with a common trunk, each specialised: reasoning, memory, adaptive computation',
  options: CognateOptions,
  create: (options): Phase => ({
    title: 'Cognate',
    input: null,
    output: loadHandoffSchema('cognate-to-evomerge'),
    metrics: metricNames(METRICS),
    gates: gateNames(GATES, { without: options.gates.parameterRange === null ? ['parameter_range'] : [] }),
    plan: async (context) => (await import('./plan.js')).planCognate(context, options),
    run: async (context) => (await import('./run.js')).runCognate(context, options),
  }),
});
