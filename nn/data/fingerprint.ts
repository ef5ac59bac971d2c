import { createHash } from 'node:crypto';
import type { DataRecord } from '../../core/contracts/dataset.js';

/** sha256 over texts, in order, and over where each question ends: equal for a dataset that has not changed. */
export function datasetFingerprint(records: readonly DataRecord[]): string {
  const hash = createHash('sha256');
  for (const { text, input } of records) hash.update(`${input?.length ?? '-'} ${text.length}:${text}\n`);
  return hash.digest('hex');
}
