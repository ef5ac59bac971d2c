import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import type { Program } from '../../core/contracts/engine.js';
import type { HostTensor } from '../../core/contracts/tensor.js';
import { Forwards } from '../evaluation/forwards.js';
import { allLogits, haltingProbabilities } from '../models/index.js';
import { numbered } from '../numbered.js';
import { specsOf } from '../training/state.js';
import type { GeneratorOptions } from './generator.js';

export interface GreedyBatchOptions {
  /** Prompts continued at a time. */
  readonly rows: number;
  readonly maxTokens: number;
  /** Ends a continuation; null: only the length does. */
  readonly stop: number | null;
  /** Ids at or above it are never chosen. */
  readonly vocabulary: number;
}

/**
 * The most likely continuation of many prompts, a batch of them at a time, each token at the recursion step that the
 * halting rule chooses. Every token costs a pass over the whole rows: for grading a few dozen answers, not for chat.
 *
 * @param prompts ids, each with at least one
 * @returns the new ids of each prompt, without `stop`; null where prompt and answer would be longer than the context
 */
export async function continueGreedily(
  model: GeneratorOptions,
  prompts: readonly (readonly number[])[],
  options: GreedyBatchOptions,
): Promise<(number[] | null)[]> {
  const limit = model.architecture.contextLength(model.config) - options.maxTokens;
  const fitting = prompts.flatMap((prompt, index) => (prompt.length <= limit ? [{ prompt, index }] : []));
  const results: (number[] | null)[] = prompts.map(() => null);
  if (fitting.length === 0) return results;
  const width = Math.max(...fitting.map(({ prompt }) => prompt.length)) + options.maxTokens;
  const state = await model.engine.createState(model.weights);
  const forwards = new Forwards(model.engine, { ...model, specs: specsOf(model.weights) }, state);
  const program = await compile(forwards, width, options);
  for (let first = 0; first < fitting.length; first += options.rows) {
    const part = fitting.slice(first, first + options.rows);
    const batch = new GreedyRows(
      part.map(({ prompt }) => prompt),
      width,
      options,
    );
    while (!batch.done) batch.append(await forwards.run(program, batch.inputs()), model.halt);
    part.forEach(({ index }, row) => (results[index] = batch.continuation(row)));
  }
  await program.dispose();
  await state.dispose();
  return results;
}

function compile(
  forwards: Forwards,
  width: number,
  { rows, vocabulary }: GreedyBatchOptions,
): Promise<Program> {
  return forwards.compile(
    'greedy-batch',
    [rows, width],
    (pass) => {
      const likeliest = allLogits(pass).map((logits) =>
        tf.cast(tf.argMax(tf.slice(tf.squeeze(logits, [1]), [0, 0], [-1, vocabulary]), 1), 'int32'),
      );
      return {
        ...indexed('token', likeliest),
        ...indexed(
          'halting',
          haltingProbabilities(pass).map((q) => tf.reshape(q, [rows])),
        ),
      };
    },
    { select: { shape: [rows], dtype: 'int32' } },
  );
}

/** Rows that grow by one token per pass. */
class GreedyRows {
  private readonly ids: Int32Array;
  private readonly lengths: number[];
  private readonly stopped: boolean[];

  constructor(
    private readonly prompts: readonly (readonly number[])[],
    private readonly width: number,
    private readonly options: GreedyBatchOptions,
  ) {
    this.ids = new Int32Array(options.rows * width);
    prompts.forEach((prompt, row) => this.ids.set(prompt, row * width));
    this.lengths = prompts.map((prompt) => prompt.length);
    this.stopped = prompts.map(() => false);
  }

  get done(): boolean {
    return this.stopped.every(Boolean);
  }

  inputs(): Record<string, Int32Array> {
    const select = new Int32Array(this.options.rows);
    this.lengths.forEach((length, row) => (select[row] = length - 1));
    return { ids: this.ids, segments: new Int32Array(this.ids.length), select };
  }

  append(outputs: Readonly<Record<string, HostTensor>>, halt: GeneratorOptions['halt']): void {
    const tokens = numbered(outputs, 'token');
    const halting = numbered(outputs, 'halting');
    for (const [row, stopped] of this.stopped.entries()) {
      if (stopped) continue;
      const last = tokens.length - 1;
      const step =
        halt === undefined || halting.length === 0 ? last : halt(halting.map((q) => q.data[row]!)) - 1;
      this.take(row, tokens[Math.min(last, step)]!.data[row]!);
    }
  }

  continuation(row: number): number[] {
    const start = row * this.width;
    return [...this.ids.subarray(start + this.prompts[row]!.length, start + this.lengths[row]!)];
  }

  private take(row: number, id: number): void {
    if (id === this.options.stop) {
      this.stopped[row] = true;
      return;
    }
    this.ids[row * this.width + this.lengths[row]!] = id;
    this.lengths[row]! += 1;
    if (this.lengths[row]! === this.prompts[row]!.length + this.options.maxTokens) this.stopped[row] = true;
  }
}

function indexed(prefix: string, tensors: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(tensors.map((tensor, k) => [`${prefix}${k}`, tensor]));
}
