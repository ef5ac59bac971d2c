import { loadHandoffSchema } from '../../../core/contracts/handoff-schema.js';
import { definePhase, type Phase } from '../../../core/contracts/phase.js';
import { gateNames } from '../shared/gates.js';
import { metricNames } from '../shared/metrics.js';
import { EvomergeOptions } from './options.js';
import { GATES, METRICS } from './table.js';

/** Phase 2: the models of phase 1 are merged in eight ways and the merges evolve; the best one goes on. */
export const evomerge = definePhase({
  name: 'evomerge',
  description: 'One model from several: merges of them evolve, measured on text that none was trained on',
  options: EvomergeOptions,
  create: (options): Phase => ({
    title: 'EvoMerge',
    input: atLeastTwo(loadHandoffSchema('cognate-to-evomerge')),
    output: loadHandoffSchema('evomerge-to-quietstar'),
    metrics: metricNames(METRICS),
    gates: gateNames(GATES, { without: options.gates.parameterRange === null ? ['parameter_range'] : [] }),
    plan: async (context) => (await import('./plan.js')).planEvomerge(context, options),
    run: async (context, input) => (await import('./run.js')).runEvomerge(context, options, input),
  }),
});

/** One model alone cannot be merged. */
function atLeastTwo(schema: Readonly<Record<string, unknown>>): object {
  const { models, ...properties } = schema['properties'] as Record<string, object>;
  return { ...schema, properties: { ...properties, models: { ...models, minItems: 2 } } };
}
