import type { Estimate } from '../../nn/evaluation/intervals.js';

export type { Estimate };

/**
 * What is known of the records that were measured on. `locked`: held out of training, and of every choice between
 * models. `held-out`: not trained on, but models may have been chosen by them. `other`: of a dataset that is not among
 * those of the training. `unknown`: nobody recorded what the model was trained on.
 */
export type Standing = 'locked' | 'held-out' | 'other' | 'unknown';

/** What every part has in common. */
interface Measured {
  /** Name of the dataset or evaluator, path of the file. */
  readonly name: string;
  /** Why what could not be measured is null; absent where everything was. */
  readonly reason?: string;
}

/** How well a model predicts the records of a dataset. */
export interface LossPart extends Measured {
  readonly kind: 'loss';
  readonly standing: Standing;
  readonly documents: number;
  /** How many documents there were to choose from. */
  readonly available: number;
  /** Tokens that were predicted. */
  readonly tokens: number;
  /** Nats per token; the interval is over documents. */
  readonly loss: Estimate | null;
  /** exp(loss). */
  readonly perplexity: Estimate | null;
  /** Bits per UTF-8 byte of what was predicted, ends of documents included. */
  readonly bitsPerByte: Estimate | null;
}

/** How well a model predicts a text, all of it. */
export interface TextPart extends Measured {
  readonly kind: 'text';
  readonly bytes: number;
  /** Unicode code points. */
  readonly characters: number;
  readonly tokens: number;
  /** Stretches of the text that were read; the interval is over them. */
  readonly windows: number;
  /** Nats per token. */
  readonly loss: Estimate;
  readonly perplexity: Estimate;
  readonly bitsPerByte: Estimate | null;
  readonly natsPerCharacter: Estimate | null;
  /** Whether the tokenizer gives the text back as it was. */
  readonly lossless: boolean;
}

/** How many questions of a dataset a model answers rightly. */
export interface AccuracyPart extends Measured {
  readonly kind: 'accuracy';
  readonly standing: Standing;
  /** Questions that were answered. */
  readonly asked: number;
  readonly right: number;
  /** Questions left out because they and their longest answer do not fit the context. */
  readonly unfit: number;
  /** Answers that were still not at their end after the most tokens; graded as they were. */
  readonly cut: number;
  /** How many questions there were to choose from. */
  readonly available: number;
  /** Share of right answers. */
  readonly accuracy: Estimate | null;
}

/** What an evaluator of the config says of a model. */
export interface EvaluatorPart extends Measured {
  readonly kind: 'evaluator';
  readonly score: number | null;
  readonly lowerIsBetter: boolean;
}

/** One thing that was measured. */
export type EvaluationPart = LossPart | TextPart | AccuracyPart | EvaluatorPart;

/** Everything that was measured of a model. JSON. */
export interface EvaluationReport {
  readonly model: {
    readonly name: string;
    readonly id: string | null;
    /** Absolute path of the folder it was read from; null for a model of the registry. */
    readonly folder: string | null;
    /** Of its weights, where that is recorded. */
    readonly sha256: string | null;
    readonly architecture: string;
    readonly parameters: number;
    readonly contextLength: number;
    readonly recursionSteps: number;
  };
  /** How it was measured, defaults filled in. */
  readonly settings: {
    /** Tokens that are seen at once, and from one window to the next. */
    readonly context: number;
    readonly stride: number;
    /** Recursion step (1-based) that losses are of. */
    readonly lossStep: number;
    /** Recursion step that answers; null: each token as the model's halting rule says. */
    readonly answerStep: number | null;
    readonly maxTokens: number;
    /** Of questions only the answers count in the loss. */
    readonly answerOnly: boolean;
  };
  /** In the order in which they were measured. */
  readonly parts: readonly EvaluationPart[];
  readonly warnings: readonly string[];
  /** False when it was stopped before everything was measured. */
  readonly complete: boolean;
}

/** How far an evaluation is. */
export interface EvaluationProgress {
  /** What is measured, for example `loss of stories`. */
  readonly task: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
}
