import type { RandomStream } from '../../core/contracts/merge.js';
import { CompiledPrograms } from '../programs/compiled-programs.js';
import { specsOf } from '../training/state.js';
import { answeringStep } from './answers.js';
import { likeliest, LOGITS, sampled, type Chooser } from './choosers.js';
import { Decoding } from './decoding.js';
import type { GeneratorOptions } from './generator.js';
import type { RowsReader } from './rows-reader.js';
import type { SamplingOptions } from './sampling.js';
import { WindowRows } from './window-rows.js';
import type { WritableIds } from './writable.js';

/** Carried tensors and windows are made for texts of multiples of so many tokens, so that few programs are compiled. */
const LENGTH_STEP = 32;

/** Thoughts and the answers after them differ in length and take turns; each reader has the weights once more. */
const MOST_READERS = 2;

/** How many texts are continued. */
export interface BatchOptions extends WritableIds {
  readonly maxTokens: number;
  /** Most tokens of the continuation of each prompt, where that is fewer than `maxTokens`. */
  readonly lengths?: readonly number[];
  /** Ends a continuation; null: only the length does. */
  readonly stop: number | null;
  /** Ids that end a continuation too, and stay its last one: marks that somebody is to answer. */
  readonly closing?: readonly number[];
  /** Told how many prompts are done; what it throws ends the work. */
  readonly onAnswered?: (done: number) => void | Promise<void>;
}

/** A prompt that fits, and where its continuation is put. */
interface Place {
  readonly ids: readonly number[];
  readonly index: number;
  /** Most tokens of its continuation. */
  readonly most: number;
}

/**
 * Continues texts with one model, many at a time; prompts of like length together, so that little padding is read. The
 * model stays with the engine, and programs stay compiled, from one call to the next: see {@link BatchWriters}. One call at
 * a time.
 */
export class BatchWriter {
  /** Those that were used last come first. */
  private readers: RowsReader[] = [];

  constructor(
    readonly model: GeneratorOptions,
    private readonly rows: number,
    private readonly programs: CompiledPrograms<string>,
  ) {}

  /** Most ids of a prompt and its continuation. */
  get contextLength(): number {
    return this.model.architecture.contextLength(this.model.config);
  }

  /**
   * The most likely continuation of each prompt, each token at the recursion step that the halting rule chooses.
   *
   * @param prompts ids, each with at least one
   * @returns the new ids of each prompt, without `stop`; null where the prompt and its longest answer would be longer than
   * the context
   */
  continueGreedily(
    prompts: readonly (readonly number[])[],
    options: BatchOptions,
  ): Promise<(number[] | null)[]> {
    const { architecture, config } = this.model;
    return this.continueAll(prompts, options, likeliest(options, architecture.vocabularySize(config)));
  }

  /**
   * Sampled continuations; otherwise as {@link continueGreedily}.
   *
   * @param random the numbers for the prompt of that index
   */
  sample(
    prompts: readonly (readonly number[])[],
    options: BatchOptions & SamplingOptions,
    random: (index: number) => RandomStream,
  ): Promise<(number[] | null)[]> {
    const streams = prompts.map((_, index) => random(index));
    return this.continueAll(prompts, options, sampled(options, streams));
  }

  /**
   * The logits after each text at the recursion step that answers.
   *
   * @param texts ids of each, at least one and no more than the context
   * @param use told the logits of the text of that index, in any order; they are not kept
   */
  async logitsAfter(
    texts: readonly (readonly number[])[],
    use: (logits: Float32Array, index: number) => void,
  ): Promise<void> {
    for (const part of this.batches(texts.map((ids, index) => ({ ids, index, most: 0 })))) {
      const reader = await this.beginning(Math.max(...part.map(({ ids }) => ids.length)));
      const said = await reader.read(
        inRows(
          part.map(({ ids }) => ids),
          reader.rows,
        ),
        LOGITS,
      );
      part.forEach(({ index }, row) => {
        const { logits, halting } = said[row]!;
        const [steps, rows, width] = logits!.shape as [number, number, number];
        const start = (answeringStep(halting, row, steps, this.model) * rows + row) * width;
        use(logits!.data.subarray(start, start + width) as Float32Array, index);
      });
    }
  }

  dispose(): Promise<void> {
    return this.keep(0);
  }

  private async continueAll(
    prompts: readonly (readonly number[])[],
    options: BatchOptions,
    chooser: Chooser,
  ): Promise<(number[] | null)[]> {
    const { maxTokens, lengths } = options;
    const results: (number[] | null)[] = prompts.map(() => null);
    const fitting = prompts
      .map((ids, index) => ({ ids, index, most: Math.min(maxTokens, lengths?.[index] ?? maxTokens) }))
      .filter(({ ids, most }) => ids.length + most <= this.contextLength);
    let done = 0;
    for (const part of this.batches(fitting)) {
      const reader = await this.beginning(Math.max(...part.map(({ ids, most }) => ids.length + most)));
      const written = await continueTogether(reader, part, this.model, options, chooser);
      part.forEach(({ index }, i) => (results[index] = written[i]!));
      done += part.length;
      await options.onAnswered?.(done);
    }
    return results;
  }

  /** Texts of like length together. */
  private *batches(places: readonly Place[]): Iterable<readonly Place[]> {
    const sorted = [...places].sort((a, b) => a.ids.length - b.ids.length || a.most - b.most);
    for (let first = 0; first < sorted.length; first += this.rows)
      yield sorted.slice(first, first + this.rows);
  }

  /** A reader with nothing read. @param width of the longest text to come */
  private async beginning(width: number): Promise<RowsReader> {
    const longest = Math.min(Math.ceil(width / LENGTH_STEP) * LENGTH_STEP, this.contextLength);
    const known = this.readers.find((reader) => reader.isMadeFor(longest));
    if (known === undefined) await this.keep(MOST_READERS - 1);
    else await known.forget(longest);
    const reader = known ?? (await this.open(longest));
    this.readers = [reader, ...this.readers.filter((other) => other !== reader)];
    return reader;
  }

  private open(longest: number): Promise<RowsReader> {
    const { model, rows, programs } = this;
    const { decoder } = model.architecture;
    return decoder === undefined
      ? WindowRows.create(model, rows, longest, null, programs)
      : Decoding.create(model, decoder, rows, null, { programs, longest });
  }

  /** Close all but the readers that were used last. */
  private async keep(count: number): Promise<void> {
    for (const reader of this.readers.splice(count)) await reader.dispose();
  }
}

/**
 * Writers of several models. What is compiled is shared by models of one architecture with the same constants and shapes;
 * models and programs stay until all are disposed of.
 */
export class BatchWriters {
  private readonly writers: BatchWriter[] = [];
  private readonly shared: {
    readonly model: GeneratorOptions;
    readonly programs: CompiledPrograms<string>;
  }[] = [];

  /** @param rows texts that are continued at a time */
  constructor(readonly rows: number) {}

  /** The writer of a model, the same one for the same weights and halting. */
  of(model: GeneratorOptions): BatchWriter {
    const known = this.writers.find((writer) => isSame(writer.model, model));
    if (known !== undefined) return known;
    const writer = new BatchWriter(model, this.rows, this.programsOf(model));
    this.writers.push(writer);
    return writer;
  }

  /** Let go of a model that is not asked again; what is compiled stays for others of its shape. */
  async release(model: Pick<GeneratorOptions, 'weights'>): Promise<void> {
    const own = this.writers.filter((writer) => writer.model.weights === model.weights);
    for (const writer of own) {
      await writer.dispose();
      this.writers.splice(this.writers.indexOf(writer), 1);
    }
  }

  async dispose(): Promise<void> {
    for (const writer of this.writers) await writer.dispose();
    for (const { programs } of this.shared) await programs.dispose();
    this.writers.length = 0;
    this.shared.length = 0;
  }

  private programsOf(model: GeneratorOptions): CompiledPrograms<string> {
    const known = this.shared.find((one) => haveOneShape(one.model, model));
    if (known !== undefined) return known.programs;
    const programs = new CompiledPrograms<string>();
    this.shared.push({ model, programs });
    return programs;
  }
}

/** Work with writers that are disposed of at its end, whether it succeeds or not. */
export async function withBatchWriters<T>(
  rows: number,
  work: (writers: BatchWriters) => Promise<T>,
): Promise<T> {
  const writers = new BatchWriters(rows);
  try {
    return await work(writers);
  } finally {
    await writers.dispose();
  }
}

function isSame(a: GeneratorOptions, b: GeneratorOptions): boolean {
  return a.weights === b.weights && a.halt === b.halt && a.step === b.step && haveOneShape(a, b);
}

/** Whether programs of one model run with the weights of the other. */
function haveOneShape(a: GeneratorOptions, b: GeneratorOptions): boolean {
  const shapeOf = ({ config, weights }: GeneratorOptions): string =>
    JSON.stringify([config, specsOf(weights)]);
  return a.engine === b.engine && a.architecture === b.architecture && shapeOf(a) === shapeOf(b);
}

/** Rows that have ended, and those that are empty, are left out as soon as the others fit a program for fewer. */
async function continueTogether(
  reader: RowsReader,
  prompts: readonly Place[],
  model: GeneratorOptions,
  { stop, closing = [] }: Pick<BatchOptions, 'stop' | 'closing'>,
  chooser: Chooser,
): Promise<number[][]> {
  const written: number[][] = prompts.map(() => []);
  /** Which prompt is read in each row, and what of it comes next. */
  let rows = prompts.map(({ ids, most }, prompt) => ({ prompt, next: most === 0 ? [] : ids }));
  for (;;) {
    const going = rows.flatMap(({ next }, row) => (next.length > 0 ? [row] : []));
    if (going.length === 0) return written;
    if (await reader.narrow(going)) rows = going.map((row) => rows[row]!);
    const said = await reader.read(
      inRows(
        rows.map(({ next }) => next),
        reader.rows,
      ),
      chooser.look,
    );
    rows = rows.map(({ prompt }, row) => {
      const one = said[row] ?? null;
      if (one === null) return { prompt, next: [] };
      const { index, most } = prompts[prompt]!;
      const id = chooser.choose(
        one,
        row,
        answeringStep(one['halting'], row, chooser.steps(one), model),
        index,
      );
      if (id === stop) return { prompt, next: [] };
      written[prompt]!.push(id);
      const isOver = written[prompt]!.length === most || closing.includes(id);
      return { prompt, next: isOver ? [] : [id] };
    });
  }
}

/** @returns one entry per row of a reader */
function inRows(texts: readonly (readonly number[])[], rows: number): (readonly number[])[] {
  return Array.from({ length: rows }, (_, row) => texts[row] ?? []);
}
