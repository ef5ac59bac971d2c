import type { RandomStream } from '../../core/contracts/merge.js';
import { continueGreedily, generateBatch, type GeneratorOptions } from '../generation/index.js';

/** What a text may be continued with, and how far. */
export interface WritingLimits {
  readonly maxTokens: number;
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

/** A model as a writer. @param rows texts that are continued at a time */
export function modelWriter(model: GeneratorOptions, rows: number): Required<Writer> {
  const drawn = { temperature: 1, topK: null, topP: null };
  return {
    contextLength: model.architecture.contextLength(model.config),
    write: (prompts, limits) => continueGreedily(model, prompts, { ...limits, rows }),
    sample: (prompts, limits, random) => generateBatch(model, prompts, { ...limits, ...drawn, rows }, random),
  };
}
