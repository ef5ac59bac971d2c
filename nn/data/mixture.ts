import { ForgeError } from '../../core/errors/index.js';
import { stream, streamKey, wordAt, type StreamKey } from '../random/index.js';
import { stackRows, type RowBatch } from './batch.js';
import { normaliseWeights, type MixtureWeights } from './curriculum.js';
import type { PackedRow } from './pack.js';

export interface MixtureSource {
  readonly name: string;
  readonly rows: readonly PackedRow[];
}

export interface MixtureOptions {
  /** All rows of all sources have the same length. */
  readonly sources: readonly MixtureSource[];
  /** Share of each source at a training step; a source not named has none. */
  readonly weightsAt: (step: number) => MixtureWeights;
  /** Decides which source each row comes from and the order of rows within each source. */
  readonly seed: number;
  /** Batches per training step (gradient accumulation). Default 1. */
  readonly batchesPerStep?: number;
}

export interface MixtureBatch extends RowBatch {
  /** Source of each row. */
  readonly sources: readonly string[];
}

/** Where a source is. */
export interface SourceState {
  /** Rows taken so far. */
  readonly taken: number;
  /** Rows it has, to recognise changed data. */
  readonly size: number;
  /** Tokens taken of the row after those; absent: none. */
  readonly offset?: number;
}

/** All there is to save: JSON, a few numbers. */
export interface MixtureState {
  readonly batches: number;
  readonly rows: number;
  readonly sources: Readonly<Record<string, SourceState>>;
}

const TO_UNIT = 1 / 4294967296;

/**
 * Draws training batches from several sources. Each row's source is drawn by weight; within a source every row comes
 * once per epoch in an order shuffled anew for each epoch. Shorter rows are pieces of those, one after the other, just
 * as packing at their length would cut them: one cursor serves all lengths, and no text comes twice because the length
 * changes. All randomness is counter-based, so a sampler restored from `state()` goes on exactly as the one it was taken
 * from.
 */
export class MixtureSampler {
  readonly rowLength: number;
  private readonly sources: ReadonlyMap<string, SourceCursor>;
  private readonly choice: StreamKey;
  private batches = 0;
  private drawn = 0;

  /** @throws ForgeError AF_DATA_EMPTY when no source has a row. */
  constructor(private readonly options: MixtureOptions) {
    this.sources = new Map(
      options.sources.map((source) => [source.name, new SourceCursor(source, options.seed)]),
    );
    const lengths = new Set(options.sources.flatMap((source) => source.rows.map((row) => row.ids.length)));
    if (lengths.size > 1) throw new RangeError(`rows of different lengths: ${[...lengths].join(', ')}`);
    const [rowLength] = lengths;
    if (rowLength === undefined) {
      throw new ForgeError('AF_DATA_EMPTY', 'no dataset has any training rows', {
        fix: 'give datasets with more text',
      });
    }
    this.rowLength = rowLength;
    this.choice = streamKey(options.seed, 'data', 'choice');
  }

  /** Training step of the next batch. */
  get step(): number {
    return Math.floor(this.batches / (this.options.batchesPerStep ?? 1));
  }

  /** Passes over each source so far, in rows taken over rows there are. */
  epochs(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      [...this.sources].map(([name, { taken, size }]) => [name, size === 0 ? 0 : taken / size]),
    );
  }

  /**
   * @param length tokens per row, a divisor of `rowLength`
   * @throws ForgeError AF_DATA_WEIGHTS when the weights of this step name no source that has rows.
   */
  nextBatch(batchSize: number, length = this.rowLength): MixtureBatch {
    if (this.rowLength % length !== 0)
      throw new RangeError(`rows of ${this.rowLength} tokens cannot be cut into rows of ${length}`);
    const weights = this.usableWeights();
    const chosen = Array.from({ length: batchSize }, () =>
      pick(weights, wordAt(this.choice, this.drawn++) * TO_UNIT),
    );
    const rows = chosen.map((name) => this.sources.get(name)!.next(length));
    this.batches++;
    return { ...stackRows(rows, batchSize, length), sources: chosen };
  }

  state(): MixtureState {
    return {
      batches: this.batches,
      rows: this.drawn,
      sources: Object.fromEntries([...this.sources].map(([name, source]) => [name, source.state()])),
    };
  }

  /** @throws ForgeError AF_DATA_CHANGED when the sources are not those the state was taken from. */
  restore(state: MixtureState): void {
    const names = new Set([...this.sources.keys(), ...Object.keys(state.sources)]);
    for (const name of names) {
      const size = this.sources.get(name)?.size;
      const saved = state.sources[name]?.size;
      if (size !== saved) throw changedData(name, size, saved);
    }
    for (const [name, source] of this.sources) source.restore(state.sources[name]!);
    this.batches = state.batches;
    this.drawn = state.rows;
  }

  private usableWeights(): readonly (readonly [name: string, share: number])[] {
    const { step } = this;
    const weights = Object.entries(this.options.weightsAt(step));
    const unknown = weights.find(([name]) => !this.sources.has(name));
    if (unknown)
      throw badWeights(
        `"${unknown[0]}" is no source; there are ${[...this.sources.keys()].join(', ')}`,
        step,
      );
    const usable = weights.filter(([name, weight]) => weight !== 0 && this.sources.get(name)!.size > 0);
    try {
      return Object.entries(normaliseWeights(Object.fromEntries(usable)));
    } catch (cause) {
      throw badWeights((cause as Error).message, step);
    }
  }
}

/** Goes through the rows of one source, epoch after epoch. */
class SourceCursor {
  readonly size: number;
  private readonly rowLength: number;
  /** Tokens taken so far. */
  private position = 0;
  private order: Uint32Array = new Uint32Array(0);
  private orderEpoch = -1;

  constructor(
    private readonly source: MixtureSource,
    private readonly seed: number,
  ) {
    this.size = source.rows.length;
    this.rowLength = source.rows[0]?.ids.length ?? 1;
  }

  /** Rows that are used up. */
  get taken(): number {
    return Math.floor(this.position / this.rowLength);
  }

  state(): SourceState {
    const { taken, size } = this;
    const offset = this.position % this.rowLength;
    return { taken, size, ...(offset === 0 ? {} : { offset }) };
  }

  restore({ taken, offset = 0 }: SourceState): void {
    this.position = taken * this.rowLength + offset;
  }

  /** The next piece; what is left of a row that is too short for it is passed over. */
  next(length: number): PackedRow {
    const left = this.rowLength - (this.position % this.rowLength);
    if (length > left) this.position += left;
    const piece = pieceOf(this.row(), this.position % this.rowLength, length);
    this.position += length;
    return piece;
  }

  private row(): PackedRow {
    const { taken } = this;
    const epoch = Math.floor(taken / this.size);
    if (epoch !== this.orderEpoch) {
      this.order = stream(this.seed, 'data', 'order', this.source.name, epoch).permutation(this.size);
      this.orderEpoch = epoch;
    }
    return this.source.rows[this.order[taken % this.size]!]!;
  }
}

/** A part of a row, documents counted from its beginning. */
function pieceOf(row: PackedRow, from: number, length: number): PackedRow {
  if (length === row.ids.length) return row;
  const part = (array: Int32Array): Int32Array => array.subarray(from, from + length);
  const first = row.segments[from]!;
  return {
    ids: part(row.ids),
    targets: part(row.targets),
    segments: part(row.segments).map((segment) => segment - first),
  };
}

function pick(weights: readonly (readonly [name: string, share: number])[], uniform: number): string {
  let sum = 0;
  for (const [name, share] of weights) {
    sum += share;
    if (uniform < sum) return name;
  }
  return weights.at(-1)![0];
}

function badWeights(message: string, step: number): ForgeError {
  return new ForgeError('AF_DATA_WEIGHTS', `mixture weights at step ${step}: ${message}`, {
    fix: 'give a weight >= 0 to at least one dataset that has records',
  });
}

function changedData(name: string, size: number | undefined, saved: number | undefined): ForgeError {
  const rows = (count: number | undefined): string =>
    count === undefined ? 'no such source' : `${count} rows`;
  return new ForgeError(
    'AF_DATA_CHANGED',
    `dataset "${name}" has ${rows(size)}, the checkpoint was made with ${rows(saved)}`,
    {
      at: name,
      fix: 'resume with the data the run was started with, or start a new run',
    },
  );
}
