import { codeOf, refuse } from './refuse.js';

/**
 * Words of five trits as fractions of a byte (GGUF): with the first trit most significant, v = sum of c[i] 3^(4 - i), the
 * byte is ceil(256 v / 243). Trit n is then the whole part of 3 (byte 3^n mod 256) / 256: a product and a shift, no table.
 */
const TRITS = 5;
const WORDS = 3 ** TRITS;

/** @param v from 0 to 242 */
export function fixedPointByte(v: number): number {
  return Math.ceil((v * 256) / WORDS);
}

/** Whether a byte is one of the 243 that words have. */
export function isFixedPoint(byte: number): boolean {
  return fixedPointByte(Math.floor((byte * WORDS) / 256)) === byte;
}

/** Trit `n` of a byte, -1, 0 or 1. */
export function fixedPointTrit(byte: number, n: number): number {
  return ((((byte * 3 ** n) & 255) * 3) >> 8) - 1;
}

/**
 * Trits five to a byte as GGUF has its words, in order. The last byte is padded with t = 0.
 * @throws RangeError for anything but -1, 0 and 1
 */
export function packFixedPoint(trits: ArrayLike<number>): Uint8Array {
  return Uint8Array.from({ length: Math.ceil(trits.length / TRITS) }, (_, j) => {
    let v = 0;
    for (let i = 0; i < TRITS; i++) {
      const at = TRITS * j + i;
      v = 3 * v + (at < trits.length ? codeOf(trits[at]!) : 1);
    }
    return fixedPointByte(v);
  });
}

/** @throws ForgeError AF_COMPRESSED_FORMAT for a byte that no word has, too few or many bytes, or padding that is not 0 */
export function unpackFixedPoint(bytes: Uint8Array, count: number): Int8Array {
  if (bytes.length !== Math.ceil(count / TRITS))
    refuse('fixed-point ternary', `${count} trits do not take ${bytes.length} bytes`);
  const trits = new Int8Array(bytes.length * TRITS);
  bytes.forEach((byte, j) => {
    if (!isFixedPoint(byte)) refuse('fixed-point ternary', `byte ${j} is ${byte}, which no word has`);
    for (let n = 0; n < TRITS; n++) trits[TRITS * j + n] = fixedPointTrit(byte, n);
  });
  if (trits.subarray(count).some((trit) => trit !== 0))
    refuse('fixed-point ternary', 'the padding at the end is not 0');
  return trits.subarray(0, count);
}
