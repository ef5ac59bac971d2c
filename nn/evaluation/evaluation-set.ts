import { stackRows, packWholeDocuments, type Document } from '../data/index.js';
import type { HostBatch } from '../training/index.js';

/** A tokenised document to score. */
export interface ScoredDocument extends Document {
  /** Index of the first token of the final answer; null where there is nothing to answer. */
  readonly answerStart: number | null;
}

/** Where a document lies in the batches. */
export interface DocumentPlace {
  /** Index into the documents that were given. */
  readonly index: number;
  readonly batch: number;
  /** Position of its first token in the batch, row-major. */
  readonly start: number;
  readonly length: number;
  readonly answerStart: number | null;
}

/** Documents packed into batches of one shape, none of them cut. */
export interface EvaluationSet {
  readonly rows: number;
  readonly length: number;
  readonly batches: readonly HostBatch[];
  readonly documents: readonly DocumentPlace[];
  /** Documents left out because they are longer than a row. */
  readonly skipped: number;
}

/** @param shape rows per batch and tokens per row */
export function evaluationSet(
  documents: readonly ScoredDocument[],
  { rows, length, padId }: { readonly rows: number; readonly length: number; readonly padId: number },
): EvaluationSet {
  const packed = packWholeDocuments(documents, length, padId);
  const batches: HostBatch[] = [];
  for (let first = 0; first < packed.rows.length; first += rows) {
    batches.push(stackRows(packed.rows.slice(first, first + rows), rows, length));
  }
  return {
    rows,
    length,
    batches,
    skipped: packed.skipped.length,
    documents: packed.placed.map(({ index, row, start, length: tokens }) => ({
      index,
      batch: Math.floor(row / rows),
      start: (row % rows) * length + start,
      length: tokens,
      answerStart: documents[index]!.answerStart,
    })),
  };
}
