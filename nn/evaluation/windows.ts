import type { Document } from '../data/index.js';

/** How a document longer than a row is read. */
export interface WindowShape {
  /** Most tokens that are read at once. */
  readonly length: number;
  /** Tokens from one window to the next: at most half of `length`. */
  readonly stride: number;
}

/**
 * A document as windows of at most `length` tokens, each beginning `stride` tokens after the one before. Every token
 * counts in one window only, the first that holds it: it is predicted from at least `length - stride` tokens, or from
 * all that come before it (the sliding window of Baevski and Auli 2019, arXiv:1809.10853). A document that fits is
 * one window.
 */
export function windowsOf({ ids, lossMask }: Document, { length, stride }: WindowShape): readonly Document[] {
  const windows: Document[] = [];
  for (let start = 0, read = 0; read < ids.length; start += stride) {
    const end = Math.min(ids.length, start + length);
    const counts = lossMask.slice(start, end);
    counts.fill(0, 0, read - start);
    windows.push({ ids: ids.subarray(start, end), lossMask: counts });
    read = end;
  }
  return windows;
}
