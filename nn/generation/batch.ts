import type { RandomStream } from '../../core/contracts/merge.js';
import { withBatchWriters, type BatchOptions } from './batch-writer.js';
import type { GeneratorOptions } from './generator.js';
import type { SamplingOptions } from './sampling.js';

export interface GreedyBatchOptions extends BatchOptions {
  /** Prompts continued at a time. */
  readonly rows: number;
}

/** `BatchWriter.continueGreedily` by a writer of its own. */
export function continueGreedily(
  model: GeneratorOptions,
  prompts: readonly (readonly number[])[],
  options: GreedyBatchOptions,
): Promise<(number[] | null)[]> {
  return withBatchWriters(options.rows, (writers) => writers.of(model).continueGreedily(prompts, options));
}

/** `BatchWriter.sample` by a writer of its own. @param random the numbers for the prompt of that index */
export function generateBatch(
  model: GeneratorOptions,
  prompts: readonly (readonly number[])[],
  options: GreedyBatchOptions & SamplingOptions,
  random: (index: number) => RandomStream,
): Promise<(number[] | null)[]> {
  return withBatchWriters(options.rows, (writers) => writers.of(model).sample(prompts, options, random));
}
