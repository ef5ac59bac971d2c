import type { BakingExample } from '../../../../core/contracts/baking.js';
import type { Objective } from '../../../../core/contracts/objective.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { CheckpointArea } from '../../../../core/contracts/store.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import type { TrainingModel } from '../../../../nn/training/index.js';
import type { LiveModel } from '../model/open.js';
import type { OptimizerOptions, TrainingOptions } from '../options.js';
import type { OwnRate } from '../training/trainer.js';

/** What bakings use of a phase's context. */
export type BakingContext = Pick<
  PhaseContext,
  'resolve' | 'engine' | 'metric' | 'progress' | 'event' | 'log' | 'pausePoint' | 'sessionId'
>;

/** The model a bake starts from; with its prompt it is the teacher. */
export interface BakingStart {
  readonly model: LiveModel;
  readonly tokenizer: Tokenizer;
}

/** What is to be baked, and how it is trained. */
export interface BakingRequest {
  /** For people and labels. */
  readonly name: string;
  /** Before the names of the run's metrics. */
  readonly prefix: string;
  /** Name of a baking plugin, and what of its options this bake wants otherwise. */
  readonly method: { readonly use: string; readonly options: Readonly<Record<string, unknown>> };
  readonly train: readonly BakingExample[];
  /** Other inputs, never trained on, that the bake is measured by. */
  readonly heldOut: readonly BakingExample[];
  /** Rows and their length are those of the student; stages may not change the length. */
  readonly training: TrainingOptions;
  /** Updates at most. */
  readonly steps: number;
  readonly optimizer: OptimizerOptions;
  /** Ids whose rows learn at a rate of their own, where the method trains them. */
  readonly rowRate?: OwnRate | undefined;
  /** What the model is trained with otherwise, for methods that build on it. */
  readonly objective: Objective;
  readonly seed: number;
  /** Parameters as the forward pass takes them (ternary weights), of student and teacher. Strictly beside the method's own. */
  readonly transform?: NonNullable<TrainingModel['transform']>;
  /** Checkpoints and results of this bake alone. */
  readonly area: CheckpointArea;
  /** Share of the phase that is done after an update. */
  readonly fraction?: (step: number) => number;
}

/** What is recorded of one bake. JSON. */
export interface BakingEntry {
  readonly name: string;
  readonly method: string;
  /** Of the method, as the request laid them over the config's. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What `before` and `after` are: a metric of the objective, or `cross-entropy`; nats on held-out examples. */
  readonly measured: string;
  readonly before: number;
  readonly after: number;
  /** Held-out tokens they are means over. */
  readonly targets: number;
  /** Share of the full bake's effect, 1 for a full one; null where the bake did not lower the loss. */
  readonly strength: number | null;
  /** Share of the way from the weights before to those of the full bake. */
  readonly share: number;
  /** Of a pursuit, counted from 1; null otherwise. */
  readonly round: number | null;
  /** Whether its weights went on; false for a round that another one was better than. */
  readonly kept: boolean;
  /** Updates. */
  readonly steps: number;
  /** Of the process that finished it, sampling and measuring included. */
  readonly seconds: number;
  readonly examples: { readonly train: number; readonly heldOut: number; readonly skipped: number };
  /** Tensors that were trained, in elements. */
  readonly parameters: number;
  /** sha256 of every different prompt. */
  readonly prompts: readonly string[];
  readonly seed: number;
}

/** A model with something baked into it. */
export interface Baked {
  /** Of the plain model, adapters merged. */
  readonly weights: TensorDict;
  /** One per bake, in order. */
  readonly entries: readonly BakingEntry[];
}
