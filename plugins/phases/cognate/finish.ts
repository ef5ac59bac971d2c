import type { TensorDescription } from '../../../core/contracts/architecture.js';
import type { ArtifactRef, ModelConfig, ModelMetadata, ModelRef } from '../../../core/contracts/model.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import type { StoredFloat } from '../../../core/contracts/store.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { architectureHash, countParameters, type TokenizerFacts } from '../../../nn/models/index.js';
import type { Specialization } from './options.js';

const BYTES_PER_MIB = 1024 * 1024;

export interface FinishedParts {
  readonly specialization: Specialization;
  readonly config: ModelConfig;
  readonly tensors: readonly TensorDescription[];
  readonly weights: TensorDict;
  /** What tensors are stored as, by name; float32 where nothing is said. */
  readonly storedTypes: Readonly<Record<string, StoredFloat>>;
  readonly fisher: TensorDict;
  readonly tokenizer: ArtifactRef;
  readonly tokenizerFacts: TokenizerFacts;
  /** Rows of the embedding table; the tokenizer may have fewer ids. */
  readonly vocabularySize: number;
  /** sha256 of the trunk's weights: the common ancestor. */
  readonly trunkId: string;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Store a finished model with its sidecars and describe it. The caller registers it. */
export async function storeModel(ctx: PhaseContext, parts: FinishedParts): Promise<ModelRef> {
  const { specialization, config, tensors } = parts;
  const weights = await ctx.store.putTensors('model.safetensors', parts.weights, {
    dtype: parts.storedTypes,
    metadata: {
      format: 'pt',
      architecture: config.architecture,
      specialization: specialization.name,
      seed: String(ctx.seed),
    },
  });
  const { tensors: importance, means } = normalizeFisher(parts.fisher);
  const fisher = await ctx.store.putTensors('fisher.safetensors', importance, {
    dtype: 'F16',
    metadata: {
      content: 'diagonal Fisher information, each tensor scaled to mean 1',
      means: JSON.stringify(means),
    },
  });
  const parameters = countParameters(tensors);
  const id = `cognate_${specialization.name}_${ctx.sessionId}`;
  const metadata: ModelMetadata = {
    schema_version: 1,
    model_id: id,
    session_id: ctx.sessionId,
    phase_name: 'cognate',
    model_name: specialization.name,
    created_at: new Date().toISOString(),
    parameters,
    size_mb: (parameters * 4) / BYTES_PER_MIB,
    bytes_on_disk: weights.bytes,
    sha256: weights.sha256,
    format: 'fp32',
    specialization: specialization.name,
    tags: ['cognate', specialization.name],
    parent_model_ids: [],
    config_hash: ctx.configHash,
    seed: specialization.seed,
    tokenizer_sha256: parts.tokenizer.sha256,
    ...parts.tokenizerFacts,
    vocab_size: parts.vocabularySize,
    metrics: parts.metrics,
    attributes: attributesOf(parts),
  };
  return {
    id,
    name: specialization.name,
    config,
    weights,
    tokenizer: parts.tokenizer,
    sidecars: { fisher },
    metadata,
  };
}

function attributesOf({ specialization, config, tensors, trunkId, attributes }: FinishedParts) {
  return {
    arch_hash: architectureHash(config.architecture, tensors),
    trunk_id: trunkId,
    act_threshold: specialization.haltingThreshold,
    ...attributes,
  };
}

/** Largest finite float16. */
const FLOAT16_MAX = 65504;

/**
 * Squared gradients are far below float16's range: scale each tensor to mean 1 (what Fisher-weighted merging uses,
 * spec 3.2) and keep the means beside. A tensor without any gradient stays zero.
 */
export function normalizeFisher(fisher: TensorDict): { tensors: TensorDict; means: Record<string, number> } {
  const tensors: TensorDict = {};
  const means: Record<string, number> = {};
  for (const [name, tensor] of Object.entries(fisher)) {
    let sum = 0;
    for (const value of tensor.data) sum += value;
    const mean = sum / tensor.data.length;
    const scale = mean > 0 ? 1 / mean : 0;
    means[name] = mean;
    tensors[name] = {
      ...tensor,
      data: Float32Array.from(tensor.data, (value) => Math.min(FLOAT16_MAX, value * scale)),
    };
  }
  return { tensors, means };
}
