/** A config whose phase registers an untrained titans-mag model with a tokenizer of its own: enough to write with. */
export const WRITER_CONFIG = writerConfig(['writer']);

/**
 * The same with a model of each name; their weights differ.
 *
 * @param thinks grown by the thought tags, with a record that says how it thinks: before every fifth token
 */
export function writerConfig(names: readonly string[], { thinks = false } = {}): string {
  return `
import { ARCHITECTURE, defineConfig, definePhase, TOKENIZER } from 'agentforge';
import { THOUGHT_TAGS } from 'agentforge';
import { models as parts } from 'agentforge/nn';
import { growModel, storeTokenizer } from 'agentforge/phases';

const hyperparameters = {
  vocabularySize: 300, contextLength: 64, dModel: 16, layers: 1, heads: 2, embeddingRank: 8, ffn: 16, window: 16,
  dMemory: 8, gateHidden: 8,
  recursion: { steps: 2, microSteps: 1, crossWidth: 8, crossHeads: 1, gHidden: 8, hHidden: 8 },
};

const writer = definePhase({
  name: 'writer',
  create: () => ({
    title: 'Writer', input: null, output: null, metrics: [], gates: [],
    run: async (ctx) => {
      const architecture = ctx.resolve(ARCHITECTURE, 'titans-mag');
      const config = ctx.validate(architecture.configSchema, structuredClone(hyperparameters), 'model');
      const tokenizer = await ctx.resolve(TOKENIZER, 'byte-bpe').train(['the cat sat on the mat and the dog sat too'], { vocabularySize: 300 });
      const own = await storeTokenizer(ctx, { tokenizer, facts: parts.tokenizerFacts('byte-bpe', tokenizer) });
      const models = [];
      for (const name of ${JSON.stringify(names)}) {
      const tensors = architecture.describe(config);
      const fresh = {
        architecture, tensors, config: { architecture: 'titans-mag', hyperparameters: config },
        weights: parts.initializeWeights(tensors, ctx.seed + models.length),
      };
      const grown = ${thinks} ? growModel(ctx, fresh, own, THOUGHT_TAGS) : null;
      const { ref: tokenizerRef } = grown ? await storeTokenizer(ctx, grown) : own;
      const made = grown ? grown.model : fresh;
      const weights = await ctx.store.putTensors('model.safetensors', made.weights);
      const thoughts = grown && {
        start: grown.ids['<think>'], end: grown.ids['</think>'], tags: grown.ids,
        length: 4, talk: 2, samples: 2, threshold: 0, min_interval: 5,
      };
      const id = name + '_' + ctx.sessionId;
      const model = {
        id, name, config: made.config, weights, tokenizer: tokenizerRef, sidecars: {},
        metadata: {
          schema_version: 2, model_id: id, session_id: ctx.sessionId, phase_name: 'writer', model_name: name, created_at: new Date().toISOString(),
          parameters: 1000, size_mb: weights.bytes / 1048576, bytes_on_disk: weights.bytes, sha256: weights.sha256, format: 'fp32',
          specialization: null, tags: [], parent_model_ids: [], config_hash: ctx.configHash, seed: ctx.seed,
          tokenizer_sha256: tokenizerRef.sha256, ...parts.tokenizerFacts('byte-bpe', tokenizer), vocab_size: architecture.vocabularySize(made.config.hyperparameters),
          halting: { threshold: 0.9, accuracy: null, probability: null }, ...(thoughts && { thoughts }), data: null, metrics: {}, attributes: {},
        },
      };
      models.push(model);
      }
      return { models, metrics: {}, gates: [], handoff: null, warnings: [] };
    },
  }),
});

export default defineConfig({ pipeline: [writer()] });
`;
}
