import type { SplitRecords } from './split.js';
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

type Sides = Pick<SplitRecords, 'name' | 'train' | 'heldout'>;

/** Identifies texts, splits and tokenizer: equal hashes mean that models were trained and held out on the same data. */
export function corpusHash(splits: readonly Sides[], tokenizerSha256: string): string {
  const hash = createHash('sha256').update(tokenizerSha256);
  for (const { name, train, heldout } of splits) {
    for (const records of [train, heldout]) {
      hash.update(`\n${name} ${records.length}\n`);
      for (const record of records) hash.update(`${record.text.length}:${record.text}`);
    }
  }
  return hash.digest('hex');
}
