import {
  defineArchitecture,
  type Architecture,
  type Workload,
} from '../../../core/contracts/architecture.js';
import { ForgeError } from '../../../core/errors/index.js';
import { growRows, meanOf } from '../../../nn/models/index.js';
import { LLAMA_SIZES, llamaConfig, LlamaSchema, type LlamaConfig } from './config.js';
import { carried, decode } from './decoder.js';
import { attentionSites, describeLlama, EMBEDDING, HEAD } from './describe.js';
import { forward } from './forward.js';
import { interchange } from './interchange.js';

/** Tokens whose logits exist at one time (the chunk of the linear cross-entropy). */
const LOGIT_ROWS = 1024;

/**
 * The Llama family: rotary positions, RMSNorm, SwiGLU, grouped keys, one step without halting. Tensors are called and
 * laid out as in Hugging Face checkpoints, so that weights are read and written without a change.
 */
const architecture: Architecture = Object.freeze({
  configSchema: LlamaSchema,
  sizes: LLAMA_SIZES,
  describe: (config: unknown) => describeLlama(llamaConfig(config)),
  contextLength: (config: unknown) => llamaConfig(config).contextLength,
  vocabularySize: (config: unknown) => llamaConfig(config).vocabularySize,
  facts: (config: unknown) => {
    const { layers, hiddenSize, heads, keyValueHeads } = llamaConfig(config);
    const own = { layers, hidden_size: hiddenSize, heads, key_value_heads: keyValueHeads };
    return { ...own, recursion_steps: 1 };
  },
  attentions: (config: unknown) => attentionSites(llamaConfig(config)),
  mergeConfigs: (configs: readonly unknown[]) => mergeConfigs(configs.map(llamaConfig)),
  growVocabulary: (config, weights, rows) => {
    const complete = llamaConfig(config);
    const tables = complete.tiedHead ? [EMBEDDING] : [EMBEDDING, HEAD];
    return {
      config: { ...complete, vocabularySize: complete.vocabularySize + rows },
      weights: growRows(weights, tables, rows),
    };
  },
  memoryBytes: (config, workload) => memoryBytes(llamaConfig(config), workload),
  forward: (config, params, input, options) => forward(llamaConfig(config), params, input, options),
  decoder: {
    carried: (config, rows, longest) => carried(llamaConfig(config), rows, longest),
    limit: (config) => llamaConfig(config).contextLength,
    decode: (config, params, state, input) => decode(llamaConfig(config), params, state, input),
  },
  interchange,
} satisfies Architecture);

/**
 * The shortest context and the mean epsilon; whatever else differs has no mean: weights trained with one set of rotary
 * angles do not fit another.
 */
function mergeConfigs(configs: readonly LlamaConfig[]): Readonly<Record<string, unknown>> {
  const contextLength = Math.min(...configs.map((config) => config.contextLength));
  const normEpsilon = meanOf(
    'normEpsilon',
    configs.map((config) => config.normEpsilon),
  );
  const { initializerStd } = configs[0]!;
  const merged = configs.map((config) => ({ ...config, contextLength, normEpsilon, initializerStd }));
  for (const name of Object.keys(merged[0]!) as (keyof LlamaConfig)[])
    requireSame(
      name,
      merged.map((config) => config[name]),
    );
  return merged[0]!;
}

function requireSame(name: string, values: readonly unknown[]): void {
  if (values.every((value) => value === values[0])) return;
  throw new ForgeError('AF_HANDOFF_INVALID', `The models differ in ${name}, of which there is no mean.`, {
    at: name,
    fix: 'Merge models of the same shapes and settings.',
    facts: { [name]: values },
  });
}

/**
 * What a backward pass keeps per token and layer: both norms and their sums, queries, keys, values, what the heads
 * found, the hidden layer four times, and the weights of all keys. Inference keeps one layer, and the scores of one
 * block of queries. The logits of a chunk of tokens are there four times.
 */
function memoryBytes(config: LlamaConfig, { rows, length, training }: Workload): number {
  const { hiddenSize, heads, keyValueHeads, headWidth, ffn, layers, vocabularySize } = config;
  const projected = 3 * heads * headWidth + 2 * keyValueHeads * headWidth;
  const perToken = 6 * hiddenSize + projected + 5 * ffn;
  const scores = 2 * heads * (training ? length : Math.min(length, 256));
  const logits = 4 * Math.min(LOGIT_ROWS, rows * length) * vocabularySize;
  return 4 * (rows * length * (training ? layers : 1) * (perToken + scores) + logits);
}

export const llama = defineArchitecture({
  name: 'llama',
  description: 'Llama family: RoPE, RMSNorm, SwiGLU, grouped-query attention; reads Hugging Face checkpoints',
  create: () => architecture,
});
