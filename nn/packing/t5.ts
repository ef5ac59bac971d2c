import { codeOf, refuse, requireBytes } from './refuse.js';

/** Trits of a byte: 3^5 = 243 words fit. */
const TRITS = 5;
const WORDS = 3 ** TRITS;

/** The trits of every word, first one least significant: 1.6 bits per weight where log2(3) = 1.585 is the least. */
const TABLE = Int8Array.from(
  { length: WORDS * TRITS },
  (_, i) => (Math.floor(Math.floor(i / TRITS) / 3 ** (i % TRITS)) % 3) - 1,
);

/** Bytes that `count` trits take. */
export function t5Bytes(count: number): number {
  return Math.ceil(count / TRITS);
}

/**
 * Trits five to a byte, for disk: byte j = sum over i of c[5 j + i] 3^i with c = t + 1. The last byte is padded with t = 0.
 *
 * @param trits -1, 0 or 1 @throws RangeError for anything else
 */
export function packT5(trits: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(t5Bytes(trits.length));
  const whole = Math.floor(trits.length / TRITS);
  for (let j = 0, at = 0; j < whole; j++, at += TRITS)
    bytes[j] =
      codeOf(trits[at]!) +
      3 * codeOf(trits[at + 1]!) +
      9 * codeOf(trits[at + 2]!) +
      27 * codeOf(trits[at + 3]!) +
      81 * codeOf(trits[at + 4]!);
  for (let j = whole, at = whole * TRITS; j < bytes.length; j++) {
    let word = 0;
    for (let i = 0, digit = 1; i < TRITS; i++, at++, digit *= 3)
      word += digit * (at < trits.length ? codeOf(trits[at]!) : 1);
    bytes[j] = word;
  }
  return bytes;
}

/**
 * @param count of trits, padding left out
 * @throws ForgeError AF_COMPRESSED_FORMAT for a byte from 243 on, another number of bytes than `count` needs, or padding
 * that is not 0
 */
export function unpackT5(bytes: Uint8Array, count: number): Int8Array {
  requireBytes('T5', bytes, t5Bytes(count));
  const trits = new Int8Array(bytes.length * TRITS);
  for (let j = 0, at = 0; j < bytes.length; j++) {
    const word = bytes[j]!;
    if (word >= WORDS) refuse('T5', `byte ${j} is ${word}, five trits reach ${WORDS - 1}`);
    for (let from = word * TRITS, i = 0; i < TRITS; i++) trits[at++] = TABLE[from + i]!;
  }
  if (trits.subarray(count).some((trit) => trit !== 0)) refuse('T5', 'the padding at the end is not 0');
  return trits.subarray(0, count);
}
