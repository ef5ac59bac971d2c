import { loadHandoffSchema } from '../../../core/contracts/handoff-schema.js';
import { definePhase, type Phase } from '../../../core/contracts/phase.js';
import { gateNames } from '../shared/gates.js';
import { metricNames } from '../shared/metrics.js';
import { CurriculumOptions } from './options.js';
import { GATES, METRICS } from './table.js';

/** Phase 5: the ternary model is trained on through ten levels that adapt to it, and learns to use tools. */
export const curriculum = definePhase({
  name: 'curriculum',
  description: 'Main training of the ternary model through ten levels, with tools whose manual is in context',
  options: CurriculumOptions,
  create: (options): Phase => ({
    title: 'Forge & curriculum',
    input: loadHandoffSchema('bitnet-to-curriculum'),
    output: loadHandoffSchema('curriculum-to-baking'),
    metrics: metricNames(METRICS),
    gates: gateNames(GATES, { without: gatesThatAreOff(options) }),
    plan: async (context) => (await import('./plan.js')).planCurriculum(context, options),
    run: async (context, input) => (await import('./run.js')).runCurriculum(context, options, input),
  }),
});

function gatesThatAreOff({ gates, forge, comparison }: CurriculumOptions): (keyof typeof GATES)[] {
  return [
    ...(gates.parameterRange === null ? (['parameter_range'] as const) : []),
    ...(forge.training.amp === 'off' ? (['amp_loss'] as const) : []),
    ...(comparison === null ? (['time_reduction'] as const) : []),
  ];
}
