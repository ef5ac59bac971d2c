import type { DataFacts, HaltingFacts, ThoughtFacts } from '../../../../core/contracts/data-facts.js';
import {
  METADATA_VERSION,
  type ArtifactRef,
  type ModelMetadata,
  type ModelRef,
} from '../../../../core/contracts/model.js';
import type { PersonaFacts } from '../../../../core/contracts/persona.js';
import type { StoreContext } from '../../../../core/contracts/phase.js';
import type { StoredFloat } from '../../../../core/contracts/store.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import type { ToolFacts } from '../../../../core/contracts/tool.js';
import { architectureHash, countParameters } from '../../../../nn/models/index.js';
import type { OwnTokenizer } from './open.js';
import type { ModelShape } from './shape.js';

/** Side file of a model with the items that were held out of its training. */
export const SPLIT_SIDECAR = 'split';
const BYTES_PER_MIB = 1024 * 1024;

/** A finished model, to be stored and described. */
export interface FinishedModel {
  /** Unique in the phase: `reasoning`, `champion`. */
  readonly name: string;
  readonly shape: ModelShape;
  readonly weights: TensorDict;
  /** What the weights are on disk; default `fp32`. */
  readonly format?: ModelMetadata['format'];
  /** A file that holds the weights already, in a format of its own; without it they are stored as safetensors. */
  readonly file?: ArtifactRef;
  /** What tensors are stored as, by name; float32 where nothing is said. */
  readonly storedTypes?: Readonly<Record<string, StoredFloat>>;
  readonly tokenizer: OwnTokenizer | null;
  readonly halting: HaltingFacts | null;
  /** How it thinks before difficult tokens; nothing where it was not taught to. */
  readonly thoughts?: ThoughtFacts | null;
  /** How it calls tools; nothing where it was not taught to. */
  readonly tools?: ToolFacts | null;
  /** How it takes on personas; nothing where it has none. */
  readonly personas?: PersonaFacts | null;
  /** What it was trained on, with the artifact that lists what was held out; null where nobody knows. */
  readonly data: { readonly facts: DataFacts; readonly items: ArtifactRef } | null;
  /** Models it was made from. */
  readonly parents: readonly ModelRef[];
  readonly specialization?: string | null;
  /** Of everything random in it; default the run's. */
  readonly seed?: number;
  /** Further side files by purpose. */
  readonly sidecars?: Readonly<Record<string, ArtifactRef>>;
  /** Measured in this run; null where not measured. */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Facts of the phase. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

type Storing = StoreContext & { readonly seed: number };

/** Store weights and describe the model. The kernel registers it once the phase gives it back. */
export async function storeModel(ctx: Storing, model: FinishedModel): Promise<ModelRef> {
  const { config } = model.shape;
  const { specialization = null } = model;
  const weights =
    model.file ??
    (await ctx.store.putTensors('model.safetensors', model.weights, {
      ...(model.storedTypes === undefined ? {} : { dtype: model.storedTypes }),
      metadata: {
        format: 'pt',
        architecture: config.architecture,
        ...(specialization === null ? {} : { specialization }),
        seed: String(ctx.seed),
      },
    }));
  const metadata = describeModel(ctx, model, weights);
  return {
    id: metadata.model_id,
    name: model.name,
    config,
    weights,
    tokenizer: model.tokenizer?.ref ?? null,
    sidecars: {
      ...model.sidecars,
      ...(model.data === null ? {} : { [SPLIT_SIDECAR]: model.data.items }),
    },
    metadata,
  };
}

/** The metadata of a model whose weights are stored. */
export function describeModel(ctx: Storing, model: FinishedModel, weights: ArtifactRef): ModelMetadata {
  const { name, shape, tokenizer, specialization = null } = model;
  const parameters = countParameters(shape.tensors);
  return {
    schema_version: METADATA_VERSION,
    model_id: `${ctx.phase}_${name}_${ctx.sessionId}`,
    session_id: ctx.sessionId,
    phase_name: ctx.phase,
    model_name: name,
    created_at: new Date().toISOString(),
    parameters,
    size_mb: weights.bytes / BYTES_PER_MIB,
    bytes_on_disk: weights.bytes,
    sha256: weights.sha256,
    format: model.format ?? 'fp32',
    specialization,
    tags: [ctx.phase, name],
    parent_model_ids: model.parents.map(({ id }) => id),
    config_hash: ctx.configHash,
    seed: model.seed ?? ctx.seed,
    tokenizer_sha256: tokenizer?.ref.sha256 ?? null,
    tokenizer_kind: tokenizer?.facts.tokenizer_kind ?? null,
    special_tokens: tokenizer?.facts.special_tokens ?? null,
    vocab_size: shape.architecture.vocabularySize(shape.config.hyperparameters),
    halting: model.halting,
    ...(model.thoughts ? { thoughts: model.thoughts } : {}),
    ...(model.tools ? { tools: model.tools } : {}),
    ...(model.personas ? { personas: model.personas } : {}),
    data: model.data?.facts ?? null,
    metrics: model.metrics,
    attributes: {
      arch_hash: architectureHash(shape.config.architecture, shape.tensors),
      ...model.attributes,
    },
  };
}
