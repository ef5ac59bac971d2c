import { loadHandoffSchema } from '../../../core/contracts/handoff-schema.js';
import { definePhase, type Phase } from '../../../core/contracts/phase.js';
import { gateNames } from '../shared/gates.js';
import { metricNames } from '../shared/metrics.js';
import { BakingOptions } from './options.js';
import { GATES, METRICS } from './table.js';

/** Phase 6: manuals of tools and texts of personas go into the weights. */
export const baking = definePhase({
  name: 'baking',
  description:
    'Prompts go into the weights: tools are called without a manual, personas are taken on by a token',
  options: BakingOptions,
  create: (options): Phase => ({
    title: 'Tool & persona baking',
    input: loadHandoffSchema('curriculum-to-baking'),
    output: loadHandoffSchema('baking-to-experts'),
    metrics: metricNames(METRICS),
    gates: gateNames(GATES, { without: options.gates.parameterRange === null ? ['parameter_range'] : [] }),
    plan: async (context) => (await import('./plan.js')).planBaking(context, options),
    run: async (context, input) => (await import('./run.js')).runBaking(context, options, input),
  }),
});
