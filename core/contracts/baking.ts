import type { TensorDescription } from './architecture.js';
import type { Objective } from './objective.js';
import { defineFor } from './plugin.js';
import type { HostArray, TensorDict, TensorMap, TensorSpecs } from './tensor.js';
import { createToken } from './token.js';
import type { Tokenizer } from './tokenizer.js';

/** One thing a model is to do by itself afterwards. */
export interface BakingExample {
  /** What the model reads: a question. It is never trained on. */
  readonly input: string;
  /** What comes between input and output, for example a thought; empty for nothing. */
  readonly trace: string;
  /** What the model is to write; empty where the teacher is to write trace and output (see {@link Trajectories}). */
  readonly output: string;
  /** What kind of example it is, for reports. */
  readonly strategy: string | null;
  /** What the teacher reads before the input, and the student does not. */
  readonly prompt: string | null;
  /** Ids of trace and output as a model wrote them, the end of the document included; absent: both are encoded. */
  readonly written?: readonly number[];
  /**
   * Ids of all that is read before, the start of the document included, as model and teacher read it; absent: those of input,
   * and of prompt and input. Each has at least one.
   */
  readonly read?: { readonly model: readonly number[]; readonly teacher: readonly number[] };
  /** Places in `written` that the model did not write itself, such as the result of a tool: they are read, never learnt. */
  readonly given?: readonly number[];
  /** Not to be learnt: a text that the model is to go on predicting as it did before. */
  readonly kept?: boolean;
}

/** What the teacher writes where examples have no output: continuations of prompt and input. */
export interface Trajectories {
  /** Continuations of each example. */
  readonly perExample: number;
  readonly maxTokens: number;
  /** Sampling temperatures; the continuations of an example take turns with them. */
  readonly temperatures: readonly number[];
}

/** Tokens of the rows that are made. */
export interface BakingShape {
  /** Of what is trained. */
  readonly length: number;
  /** Most tokens of a prompt; what a teacher reads is longer by them. 0 without prompts. */
  readonly promptLength: number;
}

/** One row of T = `length` tokens. */
export interface BakingRow {
  /** int32 [T], as a {@link import('./architecture.js').Batch} has them. */
  readonly ids: Int32Array;
  /** int32 [T]; -100 wherever nothing is trained, the input included. */
  readonly targets: Int32Array;
  /** int32 [T] */
  readonly segments: Int32Array;
  /** What else the objective reads of the row, as {@link BakingMethod.extras} describes it. */
  readonly extras?: Readonly<Record<string, HostArray>>;
}

export interface BakingRows {
  readonly rows: readonly BakingRow[];
  /** Indices of the examples that do not fit a row; the others are whole. */
  readonly skipped: readonly number[];
}

/** Which tensors of a model are trained, and how they become its weights. */
export interface BakingTensors {
  /** Tensors beside the model's own (adapters). */
  readonly added: readonly TensorDescription[];
  /** Names of what is trained; absent: everything. */
  readonly trainable?: readonly string[];
  /** Parameters of the plain model, from its own and the added tensors, in tfjs. Absent: its own as they are. */
  transform?(params: TensorMap): TensorMap;
  /** The added tensors before the first update: the model must compute what it did without them. */
  initial(seed: number): TensorDict;
  /** The plain model's weights, from its own and the added tensors: they compute what `transform` does. */
  merge(weights: TensorDict): TensorDict;
}

/**
 * A way to put a behaviour into weights. It says what is trained towards what; how (rows per update, optimizer, steps,
 * checkpoints, how strongly and how often) is the caller's.
 */
export interface BakingMethod {
  /** The frozen model, where the objective reads it as `reference`: it has read the prompt in front, or no more than the model. */
  readonly teacher: 'prompted' | 'plain' | null;
  /** The metric of the objective that says how far the behaviour is baked, lower being better; null: its cross-entropy. */
  readonly metric: string | null;
  /** What the teacher writes where an example has no output; null: every example must have one. */
  readonly trajectories: Trajectories | null;
  /** @param model every tensor of the architecture */
  tensors(model: readonly TensorDescription[]): BakingTensors;
  /** What rows carry besides ids, targets and segments; shapes without the axis of rows. Absent: nothing. */
  extras?(shape: BakingShape): TensorSpecs;
  /**
   * The same examples give the same rows.
   * @throws ForgeError AF_BAKING_ALIGNMENT when teacher and student would not predict the same tokens
   */
  rows(
    examples: readonly BakingExample[],
    tokenizer: Pick<Tokenizer, 'encode' | 'special'>,
    shape: BakingShape,
  ): BakingRows;
  /** The loss. @param usual what the caller trains the model with otherwise: next-token prediction with its settings */
  objective(usual: Objective): Objective;
}

export const BAKING = createToken<BakingMethod>('baking', {
  tensors: 'function',
  extras: 'function?',
  rows: 'function',
  objective: 'function',
});
/** Define a way to put a behaviour into weights. */
export const defineBaking = defineFor(BAKING);
