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

/** All there is to save: JSON, a few numbers. */
export interface MixtureState {
  readonly batches: number;
  readonly rows: number;
  /** Per source: rows taken so far, and how many rows it has (to recognise changed data). */
  readonly sources: Readonly<Record<string, { readonly taken: number; readonly size: number }>>;
}

const TO_UNIT = 1 / 4294967296;

/**
 * Draws training batches from several sources. Each row's source is drawn by weight; within a source every row comes
 * once per epoch in an order shuffled anew for each epoch. All randomness is counter-based, so a sampler restored
 * from `state()` goes on exactly as the one it was taken from.
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

  /** @throws ForgeError AF_DATA_WEIGHTS when the weights of this step name no source that has rows. */
  nextBatch(batchSize: number): MixtureBatch {
    const weights = this.usableWeights();
    const chosen = Array.from({ length: batchSize }, () =>
      pick(weights, wordAt(this.choice, this.drawn++) * TO_UNIT),
    );
    const rows = chosen.map((name) => this.sources.get(name)!.next());
    this.batches++;
    return { ...stackRows(rows, batchSize, this.rowLength), sources: chosen };
  }

  state(): MixtureState {
    return {
      batches: this.batches,
      rows: this.drawn,
      sources: Object.fromEntries(
        [...this.sources].map(([name, { taken, size }]) => [name, { taken, size }]),
      ),
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
    for (const [name, source] of this.sources) source.taken = state.sources[name]!.taken;
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
  taken = 0;
  readonly size: number;
  private order: Uint32Array = new Uint32Array(0);
  private orderEpoch = -1;

  constructor(
    private readonly source: MixtureSource,
    private readonly seed: number,
  ) {
    this.size = source.rows.length;
  }

  next(): PackedRow {
    const epoch = Math.floor(this.taken / this.size);
    if (epoch !== this.orderEpoch) {
      this.order = stream(this.seed, 'data', 'order', this.source.name, epoch).permutation(this.size);
      this.orderEpoch = epoch;
    }
    const row = this.source.rows[this.order[this.taken % this.size]!]!;
    this.taken++;
    return row;
  }
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
