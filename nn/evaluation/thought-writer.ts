import type { RandomStream } from '../../core/contracts/merge.js';
import type { BatchWriter } from '../generation/index.js';

/** What a text may be continued with, and how far. */
export interface WritingLimits {
  readonly maxTokens: number;
  /** Most ids that are wanted of each continuation, where that is fewer: a writer may give more. */
  readonly lengths?: readonly number[];
  /** Ends a continuation without being part of it; null: only the length does. */
  readonly stop: number | null;
  /** Ids at or above it are never written. */
  readonly vocabulary: number;
  /** Ids below it that are never written either. */
  readonly never: readonly number[];
  /** Told how many prompts are done; what it throws ends the work. */
  readonly onAnswered?: (done: number) => void | Promise<void>;
}

/** Continues texts: a model, or whatever writes by other rules (a mixing head, tools). */
export interface Writer {
  /** Most ids of a prompt and its continuation. */
  readonly contextLength: number;
  /**
   * The most likely continuation of each prompt, always the same one.
   * @returns new ids, without `stop`; null where prompt and `maxTokens` are longer than the context
   */
  write(prompts: readonly (readonly number[])[], limits: WritingLimits): Promise<(number[] | null)[]>;
  /**
   * Continuations drawn at temperature 1; otherwise as `write`.
   * @param random the numbers for the prompt of that index
   */
  sample?(
    prompts: readonly (readonly number[])[],
    limits: WritingLimits,
    random: (index: number) => RandomStream,
  ): Promise<(number[] | null)[]>;
}

/** A model as a writer. */
export function modelWriter(writer: BatchWriter): Required<Writer> {
  const drawn = { temperature: 1, topK: null, topP: null };
  return {
    contextLength: writer.contextLength,
    write: (prompts, limits) => writer.continueGreedily(prompts, limits),
    sample: (prompts, limits, random) => writer.sample(prompts, { ...limits, ...drawn }, random),
  };
}
