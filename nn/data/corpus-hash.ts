import { createHash } from 'node:crypto';
import type { SplitRecords } from './split.js';

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
