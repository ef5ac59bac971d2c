import { stackRows, packWholeDocuments, type Document } from '../data/index.js';
import type { HostBatch } from '../training/index.js';

/** A tokenised document to score. */
export interface ScoredDocument extends Document {
  /** Index of the first token of the answer; null where there is nothing to answer. */
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

export interface EvaluationShape {
  /** Rows per batch. */
  readonly rows: number;
  /** Tokens per row. */
  readonly length: number;
  readonly padId: number;
  /** Take fewer rows per batch where that makes no more batches, so that next to none are empty. */
  readonly balance?: boolean;
}

export function evaluationSet(documents: readonly ScoredDocument[], shape: EvaluationShape): EvaluationSet {
  const { length, padId } = shape;
  const packed = packWholeDocuments(documents, length, padId);
  const count = Math.max(1, Math.ceil(packed.rows.length / shape.rows));
  const rows = shape.balance === true ? Math.max(1, Math.ceil(packed.rows.length / count)) : shape.rows;
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
