import { createHash } from 'node:crypto';

const HASH_DIGITS = 32;
const FRACTION_DIGITS = 13;

/** Text without what a reader would not call a difference: Unicode form, letter case, runs of white space. */
export function normaliseText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

/** 128 bits of SHA-256 of the normalised text, in hexadecimal: the same on every machine. */
export function contentHash(text: string): string {
  return createHash('sha256').update(normaliseText(text), 'utf8').digest('hex').slice(0, HASH_DIGITS);
}

/** A content hash as a number in [0, 1), uniform over texts (52 bits). */
export function hashFraction(hash: string): number {
  return Number.parseInt(hash.slice(0, FRACTION_DIGITS), 16) / 16 ** FRACTION_DIGITS;
}
