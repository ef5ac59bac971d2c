import type { Scalar, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { TSchema } from '@sinclair/typebox';
import type { FunctionContext } from './engine.js';
import { defineFor } from './plugin.js';
import type { TensorMap } from './tensor.js';
import { createToken } from './token.js';

/** What a tensor is for. Merging, quantising, pruning, LoRA and SVF select by role, on any architecture. */
export type TensorRole =
  | 'embedding'
  | 'embedding-projection'
  | 'output-head'
  | 'attention-query'
  | 'attention-key'
  | 'attention-value'
  | 'attention-output'
  | 'ffn-gate'
  | 'ffn-up'
  | 'ffn-down'
  | 'memory-down'
  | 'memory-up'
  | 'gate'
  | 'recursion'
  | 'halting'
  | 'norm'
  | 'bias'
  | 'initial-state';

/** How a tensor starts. `std` in weight units. */
export type Initializer =
  | { readonly kind: 'normal'; readonly std: number }
  | { readonly kind: 'truncated-normal'; readonly std: number }
  | { readonly kind: 'constant'; readonly value: number };

export interface TensorDescription {
  readonly name: string;
  /** Matrices are [in, out] (tfjs layout). */
  readonly shape: readonly number[];
  readonly role: TensorRole;
  /** Zero-based layer; absent for tensors shared by all layers. */
  readonly layer?: number;
  readonly init: Initializer;
}

/** One training or evaluation batch; B rows of T tokens. */
export interface Batch {
  /** int32 [B, T] */
  readonly ids: Tensor2D;
  /** int32 [B, T]: the id that position t must predict (already shifted by one); -100 is ignored. */
  readonly targets: Tensor2D;
  /** int32 [B, T]: index of the document within the row; attention and memory do not cross documents. */
  readonly segments: Tensor2D;
}

/** One attention of a model: the tensors that make its queries and keys. */
export interface AttentionSite {
  readonly query: string;
  readonly key: string;
  readonly heads: number;
}

/** The largest attention score of each head, for QK-clip. */
export interface AttentionPeak extends AttentionSite {
  /** float32 [heads]: max |q.k|/sqrt(dh) over unmasked pairs. */
  readonly peak: Tensor;
}

export interface Objective {
  /** What training minimises: every term included. */
  readonly loss: Scalar;
  /** Mean next-token cross-entropy of the model's final answer over valid targets, nats. */
  readonly crossEntropy: Scalar;
  /** Share of valid targets whose most likely token is right. */
  readonly accuracy: Scalar;
  /** Scalars worth logging, by metric name. */
  readonly metrics: Readonly<Record<string, Scalar>>;
  readonly peaks: readonly AttentionPeak[];
}

export interface ForwardOptions {
  /** int32 [B]: compute logits only at this position of each row -> [B, 1, V]. */
  readonly select?: Tensor;
}

export interface Forward {
  /** Logits of every recursion step, the last is the model's answer; each [B, T, V]. */
  readonly steps: readonly Tensor3D[];
  /** Halting probability q_k of every step, each [B, T] (or [B, 1] with `select`); empty when not adaptive. */
  readonly halting: readonly Tensor2D[];
  /** Scalars that describe the forward pass: memory utilisation, gate entropy. */
  readonly statistics: Readonly<Record<string, Scalar>>;
}

/** A model family: data plus pure functions. `config` has been validated against `configSchema`. */
export interface Architecture {
  readonly configSchema: TSchema;
  /** Every tensor, in storage order. @throws ForgeError AF_MODEL_CONFIG on impossible shapes. */
  describe(config: unknown): readonly TensorDescription[];
  /** Longest sequence the config allows. */
  contextLength(config: unknown): number;
  vocabularySize(config: unknown): number;
  /** The attentions whose peaks `objective` reports, in the same order. */
  attentions(config: unknown): readonly AttentionSite[];
  /** Loss of one batch. Without a context (evaluation) there is no dropout and nothing random. */
  objective(config: unknown, params: TensorMap, batch: Batch, context: FunctionContext | null): Objective;
  /** Inference: no dropout. */
  forward(
    config: unknown,
    params: TensorMap,
    ids: Tensor2D,
    segments: Tensor2D,
    options?: ForwardOptions,
  ): Forward;
}

export const ARCHITECTURE = createToken<Architecture>('architecture', {
  configSchema: 'schema',
  describe: 'function',
  objective: 'function',
  forward: 'function',
});
/** Define a model architecture plugin. */
export const defineArchitecture = defineFor(ARCHITECTURE);
