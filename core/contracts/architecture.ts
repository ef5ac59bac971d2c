import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import type { TSchema } from '@sinclair/typebox';
import type { FunctionContext } from './engine.js';
import { defineFor } from './plugin.js';
import type { TensorDict, TensorMap, TensorSpecs } from './tensor.js';
import { createToken } from './token.js';

/**
 * What a tensor is for. Merging, quantising, pruning, LoRA and SVF select by role, on any architecture. A third-party
 * architecture adds a role of its own by augmenting this interface:
 *
 * @example
 * declare module 'agentforge' {
 *   interface TensorRoles {
 *     'state-space': true;
 *   }
 * }
 */
export interface TensorRoles {
  embedding: true;
  'embedding-projection': true;
  'output-head': true;
  'attention-query': true;
  'attention-key': true;
  'attention-value': true;
  'attention-output': true;
  'short-convolution': true;
  'ffn-gate': true;
  'ffn-up': true;
  'ffn-down': true;
  'memory-down': true;
  'memory-up': true;
  gate: true;
  recursion: true;
  halting: true;
  'mixing-head': true;
  /** Predicts the model's activations while it is trained; no part of a stored model. */
  'self-model': true;
  norm: true;
  bias: true;
  'initial-state': true;
}
export type TensorRole = keyof TensorRoles;

/** How a tensor starts. `std` in weight units. */
export type Initializer =
  | { readonly kind: 'normal'; readonly std: number }
  | { readonly kind: 'truncated-normal'; readonly std: number }
  | { readonly kind: 'constant'; readonly value: number };

export interface TensorDescription {
  readonly name: string;
  /** Matrices are [in, out] (tfjs layout) unless `layout` says otherwise. */
  readonly shape: readonly number[];
  /** `out-in`: the matrix is stored as Hugging Face checkpoints store it and multiplied transposed. */
  readonly layout?: 'in-out' | 'out-in';
  readonly role: TensorRole;
  /** Zero-based layer; absent for tensors shared by all layers. */
  readonly layer?: number;
  readonly init: Initializer;
  /** A matrix that a linear layer multiplies by and nothing else: adapters, quantisers and pruners may replace it. */
  readonly linear?: boolean;
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
  /** Heads of the query; keys may be shared by groups of them. */
  readonly heads: number;
}

/** The largest attention score of each head, for QK-clip. */
export interface AttentionPeak extends AttentionSite {
  /** float32 [heads]: max |q.k|/sqrt(dh) over unmasked pairs. */
  readonly peak: Tensor;
}

/** What a forward pass reads; B rows of T tokens. */
export interface ForwardInput {
  /** int32 [B, T] */
  readonly ids: Tensor2D;
  /** int32 [B, T]: index of the document within the row; nothing crosses documents. */
  readonly segments: Tensor2D;
  /** int32 [B, T], below `contextLength`: where each token stands in its text; without it 0..T-1 in every row. */
  readonly positions?: Tensor2D;
  /** float32 [B, T, T], 1 where position i (second) may see position j (third); over the architecture's own mask. */
  readonly mask?: Tensor3D;
}

export interface ForwardOptions {
  /** int32 [B]: compute features and halting only at this position of each row, T becomes 1. */
  readonly select?: Tensor;
  /** Training: dropout draws from it. Without it nothing is random. */
  readonly context?: FunctionContext | null;
  /** Answer at this recursion step (1-based) alone: later ones are not computed and K becomes 1. */
  readonly step?: number;
  /**
   * Compute the first `steps` recursion steps alone and give all of them: K becomes `steps`, and the last of them is the
   * answer. From K on: everything, as without it.
   */
  readonly steps?: number;
  /** Give the hidden states of all layers. */
  readonly hidden?: boolean;
  /**
   * Give the largest attention scores. Finding them takes passes over all scores, which only training reads: the trainer
   * asks for them.
   */
  readonly peaks?: boolean;
}

/** What one pass computes; losses are made of it by an {@link Objective}. */
export interface Forward {
  /** [K, B, T, r]: what the head reads at each of K recursion steps; the last step is the model's answer. */
  readonly features: Tensor4D;
  /** [V, r]: rows of the output head. The logits of step k are features[k] head^T. */
  readonly head: Tensor2D;
  /** Halting logit l_k of every step, each [B, T], q_k = sigmoid(l_k); empty when the model does not halt by itself. */
  readonly halting: readonly Tensor2D[];
  /** [B, T, d] after each layer, first layer first; empty unless asked for. */
  readonly hidden: readonly Tensor3D[];
  /** In the order of `attentions`; empty unless asked for. */
  readonly peaks: readonly AttentionPeak[];
  /** Scalars that describe the pass (`gate/entropy`, `ltm/memory_usage`), with gradient where they have one. */
  readonly statistics: Readonly<Record<string, Scalar>>;
}

/** The next tokens of B rows, to be read with what was carried from the tokens before them. */
export interface DecodeInput {
  /** int32 [B, T]: one token per row, or T tokens of a prompt; padding comes last. */
  readonly ids: Tensor2D;
  /** int32 [B]: how many of the T tokens of each row are real, 0..T. A row with 0 keeps its state. */
  readonly counts: Tensor1D;
}

/** What decoding gives for the last real token of each row. */
export interface Decoded {
  /** [K, B, 1, r], as in {@link Forward}. */
  readonly features: Tensor4D;
  readonly head: Tensor2D;
  /** Each [B, 1]. */
  readonly halting: readonly Tensor2D[];
  /** The carried tensors after the tokens: names and shapes of `carried`. */
  readonly state: TensorMap;
}

/** Reading token by token with carried state (caches, memory, positions): a token costs one token, not a window. */
export interface Decoder {
  /**
   * Tensors carried for `rows` rows, the first axis of each. All zero is the state before the first token.
   *
   * @param longest most tokens that any of the texts will have, at least 1: caches need not hold more, and a decoder may
   * ignore it. Up to that length `decode` says what it says without it (to rounding); a longer text is not defined.
   */
  carried(config: unknown, rows: number, longest?: number): TensorSpecs;
  /**
   * Most tokens of one text that can be read with the logits of `forward`; null when there is no end to it (attention
   * slides, memory decays).
   */
  limit(config: unknown): number | null;
  /** @param state as `carried` describes it, for any `longest`: what depends on that is in the shapes */
  decode(config: unknown, params: TensorMap, state: TensorMap, input: DecodeInput): Decoded;
}

/** How much is computed at once, for estimates. */
export interface Workload {
  readonly rows: number;
  readonly length: number;
  /** Activations are kept for a backward pass. */
  readonly training: boolean;
}

/** A model family: data plus pure functions. `config` has been validated against `configSchema`. */
export interface Architecture {
  readonly configSchema: TSchema;
  /** Hyper-parameters by the name of a size (`25m`): what a config lays its own over. */
  readonly sizes?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /**
   * Hyper-parameters by the name of a specialist: what a phase that trains specialists of that name lays over the
   * model's. They change constants, never shapes; a name that is not here changes nothing.
   *
   * @param size that the model is made in; null where it has none of the named ones
   */
  variants?(size: string | null): Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Every tensor, in storage order. @throws ForgeError AF_MODEL_CONFIG on impossible shapes. */
  describe(config: unknown): readonly TensorDescription[];
  /** Longest sequence the config allows. */
  contextLength(config: unknown): number;
  vocabularySize(config: unknown): number;
  /** Facts for plans and metrics: `layers`, `hidden_size`, `heads`, `recursion_steps` (1 without it). */
  facts?(config: unknown): Readonly<Record<string, number>>;
  /** The attentions whose peaks `forward` reports where it is asked for them, in the same order. */
  attentions(config: unknown): readonly AttentionSite[];
  /**
   * Merge the hyper-parameters of models with the same shapes: constants in which they differ (decays, capacities) are
   * averaged. Without it they must be equal. @throws ForgeError AF_HANDOFF_INVALID naming what has no mean
   */
  mergeConfigs?(configs: readonly unknown[]): Readonly<Record<string, unknown>>;
  /**
   * The same model with `rows` more ids at the end of its vocabulary.
   * The new rows of the embedding (and of an untied head) start as the mean of the old ones.
   */
  growVocabulary?(
    config: unknown,
    weights: TensorDict,
    rows: number,
  ): { readonly config: Readonly<Record<string, unknown>>; readonly weights: TensorDict };
  /** Bytes of activations that a pass holds at its peak, without parameters and optimizer state. An estimate. */
  memoryBytes?(config: unknown, workload: Workload): number;
  forward(config: unknown, params: TensorMap, input: ForwardInput, options?: ForwardOptions): Forward;
  /** Without it generation computes the whole window for every token. */
  readonly decoder?: Decoder;
  /** Folders of other tools that this architecture reads and writes. */
  readonly interchange?: Interchange;
}

/** How Hugging Face folders (config.json, *.safetensors) become models of an architecture and back, bit by bit. */
export interface Interchange {
  /** Whether config.json describes a model of this architecture (`model_type`, `architectures`). */
  recognises(configJson: Readonly<Record<string, unknown>>): boolean;
  /**
   * @param at the file, for messages
   * @throws ForgeError AF_MODEL_CONFIG naming each setting that is not supported, before any weight is read
   */
  fromConfigJson(
    configJson: Readonly<Record<string, unknown>>,
    at: string,
  ): Readonly<Record<string, unknown>>;
  /** What `AutoModelForCausalLM` needs to load the weights. */
  toConfigJson(config: unknown): Readonly<Record<string, unknown>>;
}

export const ARCHITECTURE = createToken<Architecture>('architecture', {
  configSchema: 'schema',
  describe: 'function',
  contextLength: 'function',
  vocabularySize: 'function',
  attentions: 'function',
  forward: 'function',
});
/** Define a model architecture plugin. */
export const defineArchitecture = defineFor(ARCHITECTURE);
