import { definePhase, gates, loadHandoffSchema, type GateResult, type MetricValue } from 'agentforge';

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
    metrics: [
      {
        name: 'weights/rms',
        unit: '1',
        direction: 'neither',
        description: 'Root mean square of all weights',
      },
      {
        name: 'weights/zeros',
        unit: 'fraction',
        direction: 'neither',
        description: 'Share of weights that are 0',
      },
    ],
    gates: ['finite_weights'],
    run: async (ctx, input) => {
      if (input === null) throw new Error('the kernel validates the input: it is there');
      const metrics: Record<string, MetricValue> = {};
      const judged: GateResult[] = [];
      for (const [step, model] of input.models.entries()) {
        const tensors = Object.values(await ctx.store.readTensors(model.weights));
        const { rms, zeros } = measure(tensors);
        ctx.event('weights-measured', { model: model.name, tensors: tensors.length });
        if (zeros === 1)
          ctx.event('alert', { severity: 'critical', message: `${model.name} has nothing but zeros` });
        ctx.metric('weights/rms', rms, { step, labels: { model: model.name } });
        ctx.metric('weights/zeros', zeros, { step, labels: { model: model.name } });
        metrics[`${model.name}/rms`] = rms;
        const finite = Number.isFinite(rms);
        judged.push(gates.holds(`finite_weights/${model.name}`, finite, 'finite', 'integrity'));
        await ctx.pausePoint(() => Promise.resolve());
      }
      const handoff = { ...input, source_phase: 'weight-report', created_at: new Date().toISOString() };
      return {
        models: input.models,
        metrics,
        gates: judged,
        handoff,
        warnings: [],
      };
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
