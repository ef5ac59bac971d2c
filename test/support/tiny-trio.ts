import { ARCHITECTURE, DATASET, definePhase, loadHandoffSchema, TOKENIZER } from '../../contracts/index.js';
import type {
  ModelMetadata,
  ModelRef,
  Phase,
  PhaseContext,
  PhaseResult,
  TensorDict,
} from '../../contracts/index.js';
import { splitDatasets, trainingTexts } from '../../nn/data/index.js';
import { architectureHash, countParameters, initializeWeights } from '../../nn/models/index.js';
import { fillNormal, streamKey } from '../../nn/random/index.js';

const NAMES = ['reasoning', 'memory_integration', 'adaptive_computation'] as const;
const HOLDOUT = 0.4;
/** Rms of what tells a model from its ancestor. */
const STEP = 0.02;

const HYPERPARAMETERS = {
  vocabularySize: 300,
  contextLength: 32,
  dModel: 16,
  layers: 2,
  heads: 2,
  embeddingRank: 8,
  ffn: 16,
  window: 8,
  dMemory: 8,
  gateHidden: 8,
  dropout: 0,
  recursion: { steps: 2, microSteps: 1, crossWidth: 8, crossHeads: 2, gHidden: 8, hHidden: 8 },
};

async function run(ctx: PhaseContext): Promise<PhaseResult> {
  const startedAt = new Date().toISOString();
  const architecture = ctx.resolve(ARCHITECTURE, 'titans-mag');
  const names = ['counting', 'sums'];
  const loaded = await Promise.all(
    names.map(async (name) => ({
      name,
      records: await ctx.resolve(DATASET, name).load({ ...ctx.data, seed: ctx.seed, log: ctx.log }),
    })),
  );
  const splits = splitDatasets(loaded, { heldoutFraction: HOLDOUT });
  const tokenizer = await ctx
    .resolve(TOKENIZER, 'byte-bpe')
    .train(trainingTexts(splits), { vocabularySize: 300 });
  const tokenizerRef = await ctx.store.put('tokenizer.json', tokenizer.serialize());
  const at = (memoryCapacity: number) =>
    ctx.validate(architecture.configSchema, { ...HYPERPARAMETERS, memoryCapacity }, 'trio') as Record<
      string,
      unknown
    >;
  const tensors = architecture.describe(at(64));
  const base = initializeWeights(tensors, ctx.seed);
  const baseRef = await ctx.store.putTensors('base.safetensors', base);
  const models: ModelRef[] = [];
  for (const [i, name] of NAMES.entries()) {
    const weights = await ctx.store.putTensors('model.safetensors', moved(base, STEP, ctx.seed, name));
    const fisher = await ctx.store.putTensors(
      'fisher.safetensors',
      squared(moved(base, 1, ctx.seed, name, 'fisher')),
    );
    const id = `trio_${name}_${ctx.sessionId}`;
    const metadata: ModelMetadata = {
      schema_version: 1,
      model_id: id,
      session_id: ctx.sessionId,
      phase_name: 'tiny-trio',
      model_name: name,
      created_at: startedAt,
      parameters: countParameters(tensors),
      size_mb: (countParameters(tensors) * 4) / 1048576,
      bytes_on_disk: weights.bytes,
      sha256: weights.sha256,
      format: 'fp32',
      specialization: name,
      tags: [],
      parent_model_ids: [],
      config_hash: ctx.configHash,
      seed: i,
      tokenizer_sha256: tokenizerRef.sha256,
      vocab_size: 300,
      metrics: { final_loss: 5 },
      attributes: {
        arch_hash: architectureHash('titans-mag', tensors),
        trunk_id: baseRef.sha256,
        act_threshold: 0.5 + 0.1 * i,
        memory_capacity: 32 * (i + 1),
        ema_acc: [0.3, 0.4],
        ema_halt: [0.2, 0.2],
      },
    };
    const model: ModelRef = {
      id,
      name,
      config: { architecture: 'titans-mag', hyperparameters: at(32 * (i + 1)) },
      weights,
      tokenizer: tokenizerRef,
      sidecars: { fisher },
      metadata,
    };
    await ctx.registerModel(model);
    models.push(model);
  }
  return {
    models,
    metrics: {},
    gates: [],
    handoff: {
      schema: 'agentforge:handoff/cognate-models@1',
      source_phase: 'tiny-trio',
      created_at: startedAt,
      models,
      artifacts: { base: baseRef },
      facts: {
        datasets: names,
        holdout_fraction: HOLDOUT,
        answer_only: true,
        corpus_hash: null,
        tokenizer: 'byte-bpe',
      },
    },
    warnings: [],
    startedAt,
    endedAt: new Date().toISOString(),
  };
}

function moved(base: TensorDict, size: number, seed: number, ...path: string[]): TensorDict {
  return Object.fromEntries(
    Object.entries(base).map(([name, tensor]) => {
      const noise = new Float32Array(tensor.data.length);
      fillNormal(streamKey(seed, 'trio', ...path, name), noise);
      return [
        name,
        { ...tensor, data: Float32Array.from(tensor.data, (value, i) => value + size * noise[i]!) },
      ];
    }),
  );
}

function squared(weights: TensorDict): TensorDict {
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [
      name,
      { ...tensor, data: Float32Array.from(tensor.data, (x) => x * x) },
    ]),
  );
}

/** Three untrained relatives with ancestor, importances and tokenizer: the input of evomerge in a fraction of a second. */
export const tinyTrio = definePhase({
  name: 'tiny-trio',
  create: (): Phase => ({
    title: 'Tiny trio',
    input: null,
    output: loadHandoffSchema('cognate-to-evomerge'),
    metrics: [],
    gates: [],
    run,
  }),
});
