/**
 * A config whose phase registers a model that calls the calculator: each token is followed by the one that a table says, so
 * that behind "?" it writes `<|tool|><|calculator|><|args|>7+8<|/tool|>`, and behind a result a full stop.
 *
 * @param tool what its record calls the tool
 */
export function callerConfig(tool = 'calculator'): string {
  return `
import * as tf from ${JSON.stringify(require.resolve('@tensorflow/tfjs'))};
import {
  ARCHITECTURE, defineArchitecture, defineConfig, definePhase, TOKENIZER, TOOL_TAGS, toolNameTag, Type,
} from 'agentforge';
import { models as parts } from 'agentforge/nn';
import { storeTokenizer } from 'agentforge/phases';

const Size = Type.Object({ vocabularySize: Type.Integer() }, { additionalProperties: false });

const table = defineArchitecture({
  name: 'table',
  create: () => ({
    configSchema: Size,
    contextLength: () => 64,
    vocabularySize: ({ vocabularySize }) => vocabularySize,
    attentions: () => [],
    describe: ({ vocabularySize }) =>
      ['embedding', 'output-head'].map((role) => ({
        name: role, role, shape: [vocabularySize, vocabularySize], init: { kind: 'normal', std: 1 },
      })),
    forward: (_config, params, { ids }, { select } = {}) => {
      const [rows, length] = ids.shape;
      const places = select === undefined
        ? tf.range(0, rows * length, 1, 'int32')
        : tf.add(tf.range(0, rows * length, length, 'int32'), select);
      const picked = tf.gather(tf.reshape(ids, [rows * length]), places);
      const features = tf.gather(params['embedding'], picked);
      const width = features.shape[1];
      return {
        features: tf.reshape(features, [1, rows, picked.shape[0] / rows, width]),
        head: params['output-head'],
        halting: [], hidden: [], peaks: [], statistics: {},
      };
    },
  }),
});

const writer = definePhase({
  name: 'writer',
  create: () => ({
    title: 'Writer', input: null, output: null, metrics: [], gates: [],
    run: async (ctx) => {
      const architecture = ctx.resolve(ARCHITECTURE, 'table');
      const trained = await ctx.resolve(TOKENIZER, 'byte-bpe').train(['the cat sat on the mat'], { vocabularySize: 280 });
      const name = toolNameTag(${JSON.stringify(tool)});
      const tokenizer = trained.extend([...TOOL_TAGS, name]);
      const facts = parts.tokenizerFacts('byte-bpe', trained);
      const { ref } = await storeTokenizer(ctx, { tokenizer, facts });
      const size = tokenizer.vocabularySize;
      const next = new Float32Array(size * size);
      const follow = (text) => {
        const ids = tokenizer.encode(text, { specials: true });
        ids.slice(1).forEach((id, i) => (next[ids[i] * size + id] = 10));
      };
      follow('?<|tool|>' + name + '<|args|>7+8<|/tool|>');
      follow('<|/result|>.');
      next[tokenizer.encode('.')[0] * size + tokenizer.special.eos] = 10;
      const same = Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
      const tensor = (data) => ({ shape: [size, size], dtype: 'float32', data });
      const weights = await ctx.store.putTensors('model.safetensors', { embedding: tensor(next), 'output-head': tensor(same) });
      const id = 'caller_' + ctx.sessionId;
      const tools = {
        tags: Object.fromEntries(TOOL_TAGS.map((tag) => [tag, tokenizer.extended.get(tag)])),
        names: { ${JSON.stringify(tool)}: tokenizer.extended.get(name) },
        most_arguments: 8, most_calls: 2,
      };
      const model = {
        id, name: 'caller', config: { architecture: 'table', hyperparameters: { vocabularySize: size } }, weights,
        tokenizer: ref, sidecars: {},
        metadata: {
          schema_version: 2, model_id: id, session_id: ctx.sessionId, phase_name: 'writer', model_name: 'caller',
          created_at: new Date().toISOString(), parameters: 2 * size * size, size_mb: 1, bytes_on_disk: weights.bytes,
          sha256: weights.sha256, format: 'fp32', specialization: null, tags: [], parent_model_ids: [],
          config_hash: ctx.configHash, seed: ctx.seed, tokenizer_sha256: ref.sha256, ...facts, vocab_size: size,
          halting: null, tools, data: null, metrics: {}, attributes: {},
        },
      };
      return { models: [model], metrics: {}, gates: [], handoff: null, warnings: [] };
    },
  }),
});

export default defineConfig({ plugins: [table()], pipeline: [writer()] });
`;
}
