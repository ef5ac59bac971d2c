import type { BakingRow } from '../../../../core/contracts/baking.js';
import type { HostArray, TensorSpecs } from '../../../../core/contracts/tensor.js';
import { stackRows } from '../../../../nn/data/index.js';
import { stream } from '../../../../nn/random/index.js';
import { zeros, type HostBatch } from '../../../../nn/training/index.js';
import type { TrainingSource } from '../training/run.js';

/** Rows with what else an objective reads of each. */
export interface BakingRowSet {
  readonly rows: readonly BakingRow[];
  /** Of one row. */
  readonly extras: TensorSpecs;
}

/** Specs of a batch's further inputs. */
export function batchExtras(extras: TensorSpecs, rows: number): TensorSpecs {
  return Object.fromEntries(
    Object.entries(extras).map(([name, { shape, dtype }]) => [name, { shape: [rows, ...shape], dtype }]),
  );
}

/** All rows once, in batches of one shape; rows that are missing at the end have no targets. */
export function bakingBatches({ rows, extras }: BakingRowSet, batchSize: number): HostBatch[] {
  const batches: HostBatch[] = [];
  for (let first = 0; first < rows.length; first += batchSize)
    batches.push(stacked(rows.slice(first, first + batchSize), extras, batchSize));
  return batches;
}

/** Every row once per epoch, in an order of its own; goes on from `state()` as if it had never stopped. */
export class BakingSource implements TrainingSource {
  private taken = 0;
  private order: Uint32Array = new Uint32Array(0);
  private orderEpoch = -1;

  constructor(
    private readonly set: BakingRowSet,
    private readonly seed: number,
  ) {}

  nextBatch(rows: number): HostBatch {
    const chosen = Array.from({ length: rows }, () => this.next());
    return stacked(chosen, this.set.extras, rows);
  }

  state(): unknown {
    return this.taken;
  }

  restore(state: unknown): void {
    this.taken = state as number;
  }

  private next(): BakingRow {
    const { rows } = this.set;
    const epoch = Math.floor(this.taken / rows.length);
    if (epoch !== this.orderEpoch) {
      this.order = stream(this.seed, 'baking', 'order', epoch).permutation(rows.length);
      this.orderEpoch = epoch;
    }
    return rows[this.order[this.taken++ % rows.length]!]!;
  }
}

function stacked(rows: readonly BakingRow[], extras: TensorSpecs, batchSize: number): HostBatch {
  const batch = stackRows(rows, batchSize, rows[0]!.ids.length);
  const own: Record<string, HostArray> = {};
  for (const [name, { data }] of Object.entries(zeros(batchExtras(extras, batchSize)))) {
    const size = data.length / batchSize;
    rows.forEach((row, i) => data.set(row.extras![name]!, i * size));
    own[name] = data;
  }
  return Object.keys(own).length === 0 ? batch : { ...batch, extras: own };
}
