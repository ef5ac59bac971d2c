import { IGNORED_TARGET, type RowBatch } from '../data/index.js';

/** How rows are filled where there is no text. */
export interface PaddedRows {
  /** Tokens per row. */
  readonly length: number;
  readonly padId: number;
}

/**
 * Where a batch holds text: 1, and 0 for padding. Padding is the last segment of a row where it is of the pad id alone and
 * predicts nothing, as packing leaves it; a whole row of one id without targets is a row that is missing from the batch
 * ({@link import('../data/index.js').stackRows}). Positions of a question that are not to be predicted are text.
 *
 * @returns [B * T], row-major
 */
export function textPositions(
  { ids, targets, segments }: RowBatch,
  { length, padId }: PaddedRows,
): Int32Array {
  const text = new Int32Array(ids.length).fill(1);
  for (let first = 0; first < ids.length; first += length) {
    const end = first + length;
    const start = lastSegment(segments, first, end);
    const fill = start === first ? ids[first]! : padId;
    let padding = true;
    for (let i = start; i < end && padding; i++) padding = ids[i] === fill && targets[i] === IGNORED_TARGET;
    if (padding) text.fill(0, start, end);
  }
  return text;
}

function lastSegment(segments: Int32Array, first: number, end: number): number {
  let start = end - 1;
  while (start > first && segments[start - 1] === segments[end - 1]) start--;
  return start;
}
