import { codeOf, refuse, requireBytes } from './refuse.js';

/** Trits of a byte. */
const TRITS = 4;

/** Bytes of a row of trits. @param align bytes that a row is filled up to a multiple of */
export function t2RowBytes(length: number, align = 1): number {
  return Math.ceil(Math.ceil(length / TRITS) / align) * align;
}

/**
 * Rows of trits in two bits each, for reading at run time: byte j of a row holds k = 4 j to 4 j + 3 at bits 0-1, 2-3, 4-5
 * and 6-7, as c = t + 1. Rows are padded with t = 0.
 *
 * @param trits [rows, length] @param align bytes that a row is filled up to a multiple of
 * @throws RangeError for anything but -1, 0 and 1
 */
export function packT2(trits: ArrayLike<number>, length: number, align = 1): Uint8Array {
  const rows = length === 0 ? 0 : trits.length / length;
  const width = t2RowBytes(length, align);
  const bytes = new Uint8Array(rows * width);
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < width * TRITS; k++) {
      const code = k < length ? codeOf(trits[row * length + k]!) : 1;
      bytes[row * width + (k >> 2)]! |= code << (2 * (k & 3));
    }
  return bytes;
}

/**
 * @returns [rows, length]
 * @throws ForgeError AF_COMPRESSED_FORMAT for code 3, another number of bytes than the rows need, or padding that is not 0
 */
export function unpackT2(bytes: Uint8Array, rows: number, length: number, align = 1): Int8Array {
  const width = t2RowBytes(length, align);
  requireBytes('T2', bytes, rows * width);
  const trits = new Int8Array(rows * length);
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < width * TRITS; k++) {
      const at = row * width + (k >> 2);
      const code = (bytes[at]! >> (2 * (k & 3))) & 3;
      if (code === 3) refuse('T2', `byte ${at} holds the code 3`);
      if (k < length) trits[row * length + k] = code - 1;
      else if (code !== 1) refuse('T2', `the padding of row ${row} is not 0`);
    }
  return trits;
}
