/**
 * A config file as a user would write it: a phase `toy` that counts steps, checkpoints every second one, and registers
 * a model; and a phase `second` that needs what the first hands on.
 */
export const TOY_CONFIG = `
import { createHash } from 'node:crypto';
import { defineConfig, definePhase, Type, withDefault } from 'agentforge';

const handoffSchema = {
  type: 'object',
  required: ['schema', 'models'],
  properties: { schema: { const: 'toy:handoff/models@1' } },
};

function modelOf(ctx, phase, name, weights, parents, loss) {
  const id = phase + '_' + name + '_' + ctx.sessionId;
  const metadata = {
    schema_version: 2, model_id: id, session_id: ctx.sessionId, phase_name: phase, model_name: name,
    created_at: new Date().toISOString(), parameters: 6, size_mb: 6 * 4 / 1048576, bytes_on_disk: weights.bytes,
    sha256: weights.sha256, format: 'fp32', specialization: null, tags: ['toy'], parent_model_ids: parents,
    config_hash: ctx.configHash, seed: ctx.seed, tokenizer_sha256: null,
    tokenizer_kind: null, special_tokens: null, vocab_size: null, halting: null, data: null,
    metrics: { final_loss: loss, 'held_out/toy-set': loss }, attributes: {},
  };
  return { id, name, config: { architecture: 'titans-mag', hyperparameters: {} }, weights, tokenizer: null, sidecars: {}, metadata };
}

const ToyOptions = Type.Object(
  {
    steps: withDefault(Type.Integer({ minimum: 1, description: 'steps to count' }), 6),
    /** Step at which to throw; 0 for never. */
    failAt: withDefault(Type.Integer({ minimum: 0 }), 0),
    gain: withDefault(Type.Number(), 0.5),
    memory: withDefault(Type.Integer({ minimum: 0 }), 1024),
    /** Wait for something that never comes. */
    hang: withDefault(Type.Boolean(), false),
  },
  { additionalProperties: false },
);

export const toy = definePhase({
  name: 'toy',
  description: 'Counts',
  options: ToyOptions,
  create: (options) => ({
    title: 'Toy',
    input: null,
    output: handoffSchema,
    metrics: ['toy/count'],
    gates: ['gain', 'count'],
    plan: async () => ({ facts: { steps: options.steps }, memoryBytes: options.memory, diskBytes: 100, problems: [] }),
    run: async (ctx) => {
      const latest = await ctx.checkpoints.latest();
      let step = latest === null ? 0 : latest.step;
      const data = latest === null ? new Float32Array(6) : latest.tensors.sum.data;
      const save = () => ctx.checkpoints.save({ step, tensors: { sum: { shape: [6], dtype: 'float32', data } }, state: {} });
      while (step < options.steps) {
        step++;
        if (step === options.failAt) throw new Error('the toy broke');
        data[step % 6] += ctx.seed / step;
        ctx.metric('toy/count', step, { step });
        ctx.progress({ task: 'count', done: step, total: options.steps, unit: 'step', values: { loss: 1 / step }, etaSeconds: null });
        if (step % 2 === 0) await save();
        await ctx.pausePoint(save);
      }
      if (options.hang) await new Promise(() => undefined);
      const weights = await ctx.store.putTensors('model.safetensors', { sum: { shape: [6], dtype: 'float32', data } });
      const model = modelOf(ctx, 'toy', 'counter', weights, [], 1 / step);
      ctx.event('sample', { model: 'counter', prompt: 'one two', text: ' three' });
      return {
        models: [model],
        metrics: { 'toy/count': step, unigram_entropy: 3, 'unigram_entropy/toy-set': 3 },
        gates: [
          { name: 'gain', class: 'target', passed: options.gain >= 0.2, measured: options.gain, target: '>= 0.2' },
          { name: 'count', class: 'integrity', passed: step === options.steps, measured: step, target: '= ' + options.steps },
        ],
        handoff: {
          schema: 'toy:handoff/models@1', source_phase: 'toy', created_at: new Date().toISOString(), models: [model], artifacts: {}, data: null, facts: {},
        },
        warnings: [],
      };
    },
  }),
});

export const second = definePhase({
  name: 'second',
  create: () => ({
    title: 'Second',
    input: handoffSchema,
    output: null,
    metrics: [],
    gates: [],
    run: async (ctx, input) => {
      const [parent] = input.models;
      const model = modelOf(ctx, 'second', 'child', parent.weights, [parent.id], 0.5);
      return { models: [model], metrics: {}, gates: [], handoff: null, warnings: [] };
    },
  }),
});

export default defineConfig({ seed: 7, pipeline: [toy(), second()] });
`;
