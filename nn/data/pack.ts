import type { Document } from './document.js';

/** Target of a position that does not count in the loss. */
export const IGNORED_TARGET = -100;

/** One row of T tokens as {@link import('../../core/contracts/architecture.js').Batch} wants it; each array [T]. */
export interface PackedRow {
  readonly ids: Int32Array;
  /** Id that follows, {@link IGNORED_TARGET} where nothing is to be predicted. */
  readonly targets: Int32Array;
  /** Index of the document within the row. */
  readonly segments: Int32Array;
}

export interface PackedRows {
  readonly rowLength: number;
  readonly rows: readonly PackedRow[];
  /** Tokens of the documents, padding not counted. */
  readonly tokens: number;
  /** Positions that count in the loss. */
  readonly targets: number;
}

/**
 * Lay documents end to end and cut the stream into rows of `rowLength`. Every token appears exactly once; a document
 * longer than what is left of a row goes on in the next, where its first token is still the target of the last one
 * before the cut. The last token of a document predicts nothing. Only the end of the last row is padded: a segment
 * of its own, without targets.
 */
export function packDocuments(documents: readonly Document[], rowLength: number, padId: number): PackedRows {
  if (!Number.isInteger(rowLength) || rowLength < 1)
    throw new RangeError(`rowLength is ${rowLength}, expected an integer >= 1`);
  const tokens = documents.reduce((sum, document) => sum + document.ids.length, 0);
  const rowCount = Math.ceil(tokens / rowLength);
  const size = rowCount * rowLength;
  const ids = new Int32Array(size).fill(padId);
  const targets = new Int32Array(size).fill(IGNORED_TARGET);
  const segments = new Int32Array(size);
  const fill = new StreamFiller(rowLength, ids, targets, segments);
  for (const document of documents) fill.append(document);
  fill.pad();
  const rows = Array.from({ length: rowCount }, (_, row) => {
    const slice = (array: Int32Array): Int32Array => array.subarray(row * rowLength, (row + 1) * rowLength);
    return { ids: slice(ids), targets: slice(targets), segments: slice(segments) };
  });
  return { rowLength, rows, tokens, targets: fill.counted };
}

class StreamFiller {
  counted = 0;
  private at = 0;
  private segment = -1;

  constructor(
    private readonly rowLength: number,
    private readonly ids: Int32Array,
    private readonly targets: Int32Array,
    private readonly segments: Int32Array,
  ) {}

  append(document: Document): void {
    const { ids, lossMask } = document;
    if (ids.length > 0) this.segment++;
    for (let i = 0; i < ids.length; i++, this.at++) {
      if (this.at % this.rowLength === 0) this.segment = 0;
      this.ids[this.at] = ids[i]!;
      this.segments[this.at] = this.segment;
      if (i + 1 < ids.length && lossMask[i + 1] === 1) {
        this.targets[this.at] = ids[i + 1]!;
        this.counted++;
      }
    }
  }

  pad(): void {
    this.segment++;
    this.segments.fill(this.segment, this.at);
  }
}
