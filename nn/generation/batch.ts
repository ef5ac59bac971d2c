import * as tf from '@tensorflow/tfjs';
import type { Tensor3D } from '@tensorflow/tfjs';
import type { RandomStream } from '../../core/contracts/merge.js';
import { answeringStep, haltingOfSteps, logitsOfSteps, type Answering } from './answers.js';
import { Decoding, type RowsReader, type Said, type SaidOutputs } from './decoding.js';
import type { GeneratorOptions } from './generator.js';
import { sampleToken, type SamplingOptions } from './sampling.js';
import { WindowRows } from './window-rows.js';
import { writableLogits, writableMask, type WritableIds } from './writable.js';

export interface GreedyBatchOptions extends WritableIds {
  /** Prompts continued at a time. */
  readonly rows: number;
  readonly maxTokens: number;
  /** Ends a continuation; null: only the length does. */
  readonly stop: number | null;
  /** Told how many prompts are done; what it throws ends the work. */
  readonly onAnswered?: (done: number) => void | Promise<void>;
}

/** Chooses the next id of a row at the step that answers. */
interface Chooser {
  /** What it needs of a pass. */
  readonly outputs: SaidOutputs;
  /** @param index of the prompt */
  choose(said: Said, row: number, step: number, index: number): number;
  steps(said: Said): number;
}

/**
 * The most likely continuation of many prompts, a batch of them at a time, each token at the recursion step that the
 * halting rule chooses.
 *
 * @param prompts ids, each with at least one
 * @returns the new ids of each prompt, without `stop`; null where prompt and answer would be longer than the context
 */
export function continueGreedily(
  model: GeneratorOptions,
  prompts: readonly (readonly number[])[],
  options: GreedyBatchOptions,
): Promise<(number[] | null)[]> {
  return continueAll(model, prompts, options, likeliest(options));
}

/**
 * Sampled continuations of many prompts, a batch of them at a time; otherwise as {@link continueGreedily}.
 *
 * @param random the numbers for the prompt of that index
 */
export function generateBatch(
  model: GeneratorOptions,
  prompts: readonly (readonly number[])[],
  options: GreedyBatchOptions & SamplingOptions,
  random: (index: number) => RandomStream,
): Promise<(number[] | null)[]> {
  const streams = prompts.map((_, index) => random(index));
  return continueAll(model, prompts, options, sampled(options, streams));
}

async function continueAll(
  model: GeneratorOptions,
  prompts: readonly (readonly number[])[],
  options: GreedyBatchOptions,
  chooser: Chooser,
): Promise<(number[] | null)[]> {
  const longest = model.architecture.contextLength(model.config) - options.maxTokens;
  const fitting = prompts.flatMap((ids, index) => (ids.length <= longest ? [{ ids, index }] : []));
  const results: (number[] | null)[] = prompts.map(() => null);
  if (fitting.length === 0) return results;
  const width = Math.max(...fitting.map(({ ids }) => ids.length)) + options.maxTokens;
  const reader = await openRows(model, options.rows, width, chooser.outputs);
  try {
    for (let first = 0; first < fitting.length; first += options.rows) {
      const part = fitting.slice(first, first + options.rows);
      const written = await continueTogether(reader, part, model, options, chooser);
      part.forEach(({ index }, row) => (results[index] = written[row]!));
      await options.onAnswered?.(first + part.length);
    }
  } finally {
    await reader.dispose();
  }
  return results;
}

/** @param width of the longest text with its continuation */
export function openRows(
  model: GeneratorOptions,
  rows: number,
  width: number,
  outputs: SaidOutputs,
): Promise<RowsReader> {
  const { decoder } = model.architecture;
  if (decoder === undefined) return WindowRows.create(model, rows, width, outputs);
  return Decoding.create(model, decoder, rows, outputs);
}

/** A row that has ended stays as it is until all have: its place costs less than reading a new prompt beside others. */
async function continueTogether(
  reader: RowsReader,
  prompts: readonly { readonly ids: readonly number[]; readonly index: number }[],
  answering: Answering,
  { rows, maxTokens, stop }: GreedyBatchOptions,
  chooser: Chooser,
): Promise<number[][]> {
  await reader.forget();
  const written: number[][] = prompts.map(() => []);
  let next: readonly (readonly number[])[] = Array.from(
    { length: rows },
    (_, row) => prompts[row]?.ids ?? [],
  );
  while (next.some((ids) => ids.length > 0)) {
    const said = await reader.read(next);
    next = said.map((one, row) => {
      if (one === null) return [];
      const step = answeringStep(one['halting'], row, chooser.steps(one), answering);
      const id = chooser.choose(one, row, step, prompts[row]!.index);
      if (id === stop) return [];
      written[row]!.push(id);
      return written[row]!.length === maxTokens ? [] : [id];
    });
  }
  return written;
}

/** Only ids leave the engine, [K, B]. */
function likeliest(ids: WritableIds): Chooser {
  const mask = writableMask(ids);
  return {
    outputs: (said) => {
      const known = tf.slice(logitsOfSteps(said) as Tensor3D, [0, 0, 0], [-1, -1, ids.vocabulary]);
      const writable = mask === null ? known : tf.add(known, tf.tensor1d(mask));
      return { token: tf.cast(tf.argMax(writable, 2), 'int32'), ...haltingOfSteps(said) };
    },
    steps: ({ token }) => token!.shape[0]!,
    choose: ({ token }, row, step) => token!.data[step * token!.shape[1]! + row]!,
  };
}

function sampled(options: SamplingOptions & WritableIds, random: readonly RandomStream[]): Chooser {
  return {
    outputs: (said) => ({ logits: logitsOfSteps(said), ...haltingOfSteps(said) }),
    steps: ({ logits }) => logits!.shape[0]!,
    choose: ({ logits }, row, step, index) => {
      const [, rows, width] = logits!.shape as [number, number, number];
      const start = (step * rows + row) * width;
      const own = logits!.data.subarray(start, start + width) as Float32Array;
      return sampleToken(writableLogits(own, options), options, random[index]!);
    },
  };
}
