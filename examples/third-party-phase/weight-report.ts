import { definePhase, loadHandoffSchema } from 'agentforge';
import {
  gateNames,
  judgeOf,
  metricNames,
  passOn,
  phaseResult,
  recorder,
  requireInput,
  sheetOf,
  type GateTable,
  type MetricTable,
} from 'agentforge/phases';

const GATES = { finite_weights: { class: 'integrity', per: 'model' } } as const satisfies GateTable;
const METRICS = {
  'weights/rms': { unit: '1', description: 'Root mean square of all weights' },
  'weights/zeros': { unit: 'fraction', description: 'Share of weights that are 0' },
} as const satisfies MetricTable;
const REPORT = { '{model}/rms': { unit: '1' } } as const satisfies MetricTable;

declare module 'agentforge' {
  interface LifecycleEvents {
    'weights-measured': { readonly model: string; readonly tensors: number };
  }
}

/** Measures the weights of every model that comes in and hands them on unchanged: it fits between any two phases. */
export const weightReport = definePhase({
  name: 'weight-report',
  description: 'Root mean square and share of zeros of the weights of every incoming model',
  create: () => ({
    title: 'Weight report',
    input: loadHandoffSchema('envelope'),
    output: loadHandoffSchema('envelope'),
    metrics: metricNames(METRICS),
    gates: gateNames(GATES),
    run: async (ctx, input) => {
      const handoff = requireInput(ctx, input);
      const [record, judge, report] = [recorder(ctx, METRICS), judgeOf(GATES), sheetOf(REPORT)];
      const gates = [];
      for (const [step, model] of handoff.models.entries()) {
        const tensors = Object.values(await ctx.store.readTensors(model.weights));
        const { rms, zeros } = measure(tensors);
        ctx.event('weights-measured', { model: model.name, tensors: tensors.length });
        if (zeros === 1)
          ctx.event('alert', { severity: 'critical', message: `${model.name} has nothing but zeros` });
        const reading = { step, labels: { model: model.name } };
        record('weights/rms', rms, reading);
        record('weights/zeros', zeros, reading);
        report(`${model.name}/rms`, rms);
        gates.push(judge.holds(['finite_weights', model.name], Number.isFinite(rms), 'finite'));
        await ctx.pausePoint(() => Promise.resolve());
      }
      return phaseResult({
        models: handoff.models,
        metrics: report.values,
        gates,
        handoff: passOn(ctx, handoff),
      });
    },
  }),
});

function measure(tensors: readonly { readonly data: ArrayLike<number> }[]): { rms: number; zeros: number } {
  const values = tensors.flatMap(({ data }) => Array.from(data));
  const squares = values.reduce((sum, value) => sum + value * value, 0);
  return {
    rms: Math.sqrt(squares / values.length),
    zeros: values.filter((value) => value === 0).length / values.length,
  };
}

export default weightReport;
