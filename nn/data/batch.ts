import { IGNORED_TARGET, type PackedRow } from './pack.js';

/** Rows put together for one run of a program; each array [B * T], row-major. */
export interface RowBatch {
  readonly ids: Int32Array;
  readonly targets: Int32Array;
  readonly segments: Int32Array;
}

/** Copy rows into one batch of `batchSize` rows; rows that are missing at the end are padding without targets. */
export function stackRows(rows: readonly PackedRow[], batchSize: number, rowLength: number): RowBatch {
  const size = batchSize * rowLength;
  const ids = new Int32Array(size);
  const targets = new Int32Array(size).fill(IGNORED_TARGET);
  const segments = new Int32Array(size);
  rows.forEach((row, index) => {
    ids.set(row.ids, index * rowLength);
    targets.set(row.targets, index * rowLength);
    segments.set(row.segments, index * rowLength);
  });
  return { ids, targets, segments };
}

export interface EvaluationBatch extends RowBatch {
  /** Rows that are real; the others are padding to keep the shape. */
  readonly rows: number;
}

export interface EvaluationOptions {
  /** At most this many rows, spread evenly over the set. Default: all. */
  readonly limit?: number;
}

/** The same batches every time, all of one shape, for evaluation on held-out rows. */
export function evaluationBatches(
  rows: readonly PackedRow[],
  batchSize: number,
  options: EvaluationOptions = {},
): readonly EvaluationBatch[] {
  const rowLength = rows[0]?.ids.length ?? 0;
  const count = Math.min(options.limit ?? rows.length, rows.length);
  const chosen = Array.from(
    { length: count },
    (_, index) => rows[Math.floor((index * rows.length) / count)]!,
  );
  const batches: EvaluationBatch[] = [];
  for (let start = 0; start < count; start += batchSize) {
    const part = chosen.slice(start, start + batchSize);
    batches.push({ ...stackRows(part, batchSize, rowLength), rows: part.length });
  }
  return batches;
}
