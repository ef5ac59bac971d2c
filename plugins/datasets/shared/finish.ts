import type { DataRecord, DatasetContext } from '../../../core/contracts/dataset.js';
import { ForgeError } from '../../../core/errors/index.js';
import { stream } from '../../../nn/random/index.js';

/**
 * The last step of every load: no records is an error, and a limit keeps that many, chosen by the seed, in file
 * order.
 * @throws ForgeError AF_DATA_EMPTY
 */
export function finish(
  dataset: string,
  records: readonly DataRecord[],
  limit: number | null,
  context: DatasetContext,
  source: string,
): readonly DataRecord[] {
  if (records.length === 0) {
    throw new ForgeError('AF_DATA_EMPTY', `dataset ${dataset}: ${source} holds no records`, {
      at: source,
      fix: 'give a file with records, or take the dataset out of the config',
    });
  }
  if (limit === null || limit >= records.length) return records;
  const chosen = stream(context.seed, 'dataset', dataset, 'limit')
    .permutation(records.length)
    .slice(0, limit)
    .sort();
  return Array.from(chosen, (index) => records[index]!);
}
