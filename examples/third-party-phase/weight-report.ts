import { definePhase, gates, loadHandoffSchema, type GateResult, type MetricValue } from 'agentforge';

/** Measures the weights of every model that comes in and hands them on unchanged: it fits between any two phases. */
export const weightReport = definePhase({
  name: 'weight-report',
  description: 'Root mean square and share of zeros of the weights of every incoming model',
  create: () => ({
    title: 'Weight report',
    input: loadHandoffSchema('envelope'),
    output: loadHandoffSchema('envelope'),
    metrics: ['weights/rms', 'weights/zeros'],
    gates: ['finite_weights'],
    run: async (ctx, input) => {
      if (input === null) throw new Error('the kernel validates the input: it is there');
      const metrics: Record<string, MetricValue> = {};
      const judged: GateResult[] = [];
      for (const [step, model] of input.models.entries()) {
        const { rms, zeros } = measure(Object.values(await ctx.store.readTensors(model.weights)));
        ctx.metric('weights/rms', rms, { step, unit: '1', labels: { model: model.name } });
        ctx.metric('weights/zeros', zeros, { step, unit: 'fraction', labels: { model: model.name } });
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
