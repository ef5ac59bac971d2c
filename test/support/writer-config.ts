/** A config whose phase registers an untrained titans-mag model with a tokenizer of its own: enough to write with. */
export const WRITER_CONFIG = writerConfig(['writer']);

/** The same with a model of each name; their weights differ. */
export function writerConfig(names: readonly string[]): string {
  return `
import { ARCHITECTURE, defineConfig, definePhase, TOKENIZER } from 'agentforge';
import { models as parts } from 'agentforge/nn';

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
      const tokenizerRef = await ctx.store.put('tokenizer.json', tokenizer.serialize());
      const models = [];
      for (const name of ${JSON.stringify(names)}) {
      const weights = await ctx.store.putTensors('model.safetensors', parts.initializeWeights(architecture.describe(config), ctx.seed + models.length));
      const id = name + '_' + ctx.sessionId;
      const model = {
        id, name, config: { architecture: 'titans-mag', hyperparameters: config }, weights, tokenizer: tokenizerRef, sidecars: {},
        metadata: {
          schema_version: 2, model_id: id, session_id: ctx.sessionId, phase_name: 'writer', model_name: name, created_at: new Date().toISOString(),
          parameters: 1000, size_mb: weights.bytes / 1048576, bytes_on_disk: weights.bytes, sha256: weights.sha256, format: 'fp32',
          specialization: null, tags: [], parent_model_ids: [], config_hash: ctx.configHash, seed: ctx.seed,
          tokenizer_sha256: tokenizerRef.sha256, ...parts.tokenizerFacts('byte-bpe', tokenizer), vocab_size: 300,
          halting: { threshold: 0.9, accuracy: null, probability: null }, data: null, metrics: {}, attributes: {},
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
