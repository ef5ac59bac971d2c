import type { Document } from './document.js';
import { IGNORED_TARGET, type PackedRow } from './pack.js';

/** Where a document lies in packed rows. */
export interface PlacedDocument {
  /** Index into the documents that were given. */
  readonly index: number;
  readonly row: number;
  /** Position of its first token in the row. */
  readonly start: number;
  readonly length: number;
}

export interface WholeRows {
  readonly rows: readonly PackedRow[];
  /** In the order they were given. */
  readonly placed: readonly PlacedDocument[];
  /** Indices of documents longer than a row. */
  readonly skipped: readonly number[];
}

/**
 * Pack documents into rows without cutting any: longest first, each into the first row with room (first-fit decreasing,
 * which needs at most 11/9 of the fewest rows possible). Rows are padded at the end with a segment of their own.
 */
export function packWholeDocuments(
  documents: readonly Document[],
  rowLength: number,
  padId: number,
): WholeRows {
  const indices = documents.map((_, index) => index);
  const skipped = indices.filter((index) => documents[index]!.ids.length > rowLength);
  const fitting = indices.filter((index) => documents[index]!.ids.length <= rowLength);
  fitting.sort((a, b) => documents[b]!.ids.length - documents[a]!.ids.length || a - b);
  const rows: RowFiller[] = [];
  const placed = fitting.map((index): PlacedDocument => {
    const document = documents[index]!;
    let row = rows.findIndex((candidate) => candidate.hasRoom(document.ids.length));
    if (row < 0) row = rows.push(new RowFiller(rowLength, padId)) - 1;
    return { index, row, start: rows[row]!.append(document), length: document.ids.length };
  });
  placed.sort((a, b) => a.index - b.index);
  return { rows: rows.map((row) => row.finish()), placed, skipped };
}

class RowFiller {
  private readonly ids: Int32Array;
  private readonly targets: Int32Array;
  private readonly segments: Int32Array;
  private used = 0;
  private segment = 0;

  constructor(
    private readonly length: number,
    padId: number,
  ) {
    this.ids = new Int32Array(length).fill(padId);
    this.targets = new Int32Array(length).fill(IGNORED_TARGET);
    this.segments = new Int32Array(length);
  }

  hasRoom(tokens: number): boolean {
    return this.used + tokens <= this.length;
  }

  /** Returns where the document starts. */
  append({ ids, lossMask }: Document): number {
    const start = this.used;
    this.ids.set(ids, start);
    this.segments.fill(this.segment, start, start + ids.length);
    for (let i = 0; i + 1 < ids.length; i++) {
      if (lossMask[i + 1] === 1) this.targets[start + i] = ids[i + 1]!;
    }
    this.used += ids.length;
    this.segment += 1;
    return start;
  }

  finish(): PackedRow {
    this.segments.fill(this.segment, this.used);
    return { ids: this.ids, targets: this.targets, segments: this.segments };
  }
}
