import type { DataFacts, HaltingFacts, ThoughtFacts } from './data-facts.js';
import type { PersonaFacts } from './persona.js';
import type { Quantization } from './quantization.js';
import type { TensorDict } from './tensor.js';
import type { ToolFacts } from './tool.js';

/** Reference to an immutable file in the artifact store. */
export interface ArtifactRef {
  readonly sha256: string;
  readonly bytes: number;
  /** What it is called when written beside others, for example `model.safetensors`. */
  readonly name: string;
}

/** What a model directory's config.json holds. */
export interface ModelConfig {
  /** Name of an architecture plugin. */
  readonly architecture: string;
  /** Hyper-parameters, validated by that architecture's schema. */
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  /** How its matrices compute; absent: as plain products of floats. */
  readonly quantization?: Quantization;
}

/** Version of the metadata that this agentforge writes and reads. */
export const METADATA_VERSION = 2;

/** metadata.json, validated against schemas/model-metadata.schema.json. Unknown is null, never 0. */
export interface ModelMetadata {
  readonly schema_version: typeof METADATA_VERSION;
  readonly model_id: string;
  readonly session_id: string;
  readonly phase_name: string;
  readonly model_name: string;
  readonly created_at: string;
  readonly parameters: number;
  readonly size_mb: number;
  readonly bytes_on_disk: number;
  readonly sha256: string;
  readonly format: 'fp32' | 'fp16' | 'bf16' | 'ternary' | 'seedlm' | 'vptq' | 'hyper';
  readonly specialization: string | null;
  readonly tags: readonly string[];
  readonly parent_model_ids: readonly string[];
  readonly config_hash: string;
  readonly seed: number;
  readonly tokenizer_sha256: string | null;
  /** Name of the tokenizer plugin that trained it; null for a model without a tokenizer, or where nobody knows. */
  readonly tokenizer_kind: string | null;
  /** Ids of its special tokens by purpose; null as above. */
  readonly special_tokens: Readonly<Record<string, number | null>> | null;
  readonly vocab_size: number | null;
  /** Null: it takes every step, or has only one. */
  readonly halting: HaltingFacts | null;
  /** Absent or null: it was not taught to think. */
  readonly thoughts?: ThoughtFacts | null;
  /** Absent or null: it was not taught to call tools. */
  readonly tools?: ToolFacts | null;
  /** Absent or null: it was given no personas. */
  readonly personas?: PersonaFacts | null;
  /** Null for a model whose training data is not known. */
  readonly data: DataFacts | null;
  /** Numbers measured in the run that made the model; null where not measured. */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Facts of the phase that made it (trunk_id, arch_hash, ...). */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A model by reference: what handoffs and registry carry, never live objects. */
export interface ModelRef {
  readonly id: string;
  readonly name: string;
  readonly config: ModelConfig;
  readonly weights: ArtifactRef;
  readonly tokenizer: ArtifactRef | null;
  /** Side files by purpose, for example `fisher`. */
  readonly sidecars: Readonly<Record<string, ArtifactRef>>;
  readonly metadata: ModelMetadata;
}

/** A model in memory. */
export interface LoadedModel {
  readonly ref: ModelRef;
  readonly weights: TensorDict;
}
