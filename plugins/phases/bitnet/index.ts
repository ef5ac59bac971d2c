import { loadHandoffSchema } from '../../../core/contracts/handoff-schema.js';
import { definePhase, type Phase } from '../../../core/contracts/phase.js';
import { gateNames } from '../shared/gates.js';
import { metricNames } from '../shared/metrics.js';
import { BitnetOptions } from './options.js';
import { GATES, METRICS } from './table.js';

/** Phase 4: weights become -1, 0 and 1, and the model is trained until it says again what it said. */
export const bitnet = definePhase({
  name: 'bitnet',
  description:
    'Ternary weights (BitNet b1.58) with 8-bit inputs, trained back to what the model said and packed',
  options: BitnetOptions,
  create: (options): Phase => ({
    title: 'BitNet',
    input: loadHandoffSchema('quietstar-to-bitnet'),
    output: loadHandoffSchema('bitnet-to-curriculum'),
    metrics: metricNames(METRICS),
    gates: gateNames(GATES, { without: options.gates.parameterRange === null ? ['parameter_range'] : [] }),
    plan: async (context) => (await import('./plan.js')).planBitnet(context, options),
    run: async (context, input) => (await import('./run.js')).runBitnet(context, options, input),
  }),
});
