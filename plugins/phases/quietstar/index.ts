import { loadHandoffSchema } from '../../../core/contracts/handoff-schema.js';
import { definePhase, type Phase } from '../../../core/contracts/phase.js';
import { gateNames } from '../shared/gates.js';
import { metricNames } from '../shared/metrics.js';
import { QuietstarOptions } from './options.js';
import { GATES, METRICS } from './table.js';

/** Phase 3: the champion learns to think before it answers, and is tested for only pretending to. */
export const quietstar = definePhase({
  name: 'quietstar',
  description: 'A model that writes a thought where it is unsure, with tests that show whether thoughts help',
  options: QuietstarOptions,
  create: (options): Phase => ({
    title: 'Quiet-STaR',
    input: loadHandoffSchema('evomerge-to-quietstar'),
    output: loadHandoffSchema('quietstar-to-bitnet'),
    metrics: metricNames(METRICS),
    gates: gateNames(GATES, { without: options.gates.parameterRange === null ? ['parameter_range'] : [] }),
    plan: async (context) => (await import('./plan.js')).planQuietstar(context, options),
    run: async (context, input) => (await import('./run.js')).runQuietstar(context, options, input),
  }),
});
