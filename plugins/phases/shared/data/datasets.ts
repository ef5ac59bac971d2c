import { DATASET, type Dataset, type DataRecord } from '../../../../core/contracts/dataset.js';
import type { PlanContext, RecordContext } from '../../../../core/contracts/phase.js';

/** A dataset with its records. */
export interface LoadedDataset {
  readonly name: string;
  readonly dataset: Dataset;
  readonly records: readonly DataRecord[];
}

/**
 * Load datasets in the order of their names.
 * @param seed that generators draw their records from
 * @throws ForgeError AF_PLUGIN_UNKNOWN, AF_DATA_NOT_FOUND, AF_DATA_MALFORMED, AF_DATA_EMPTY, AF_DATA_CHECKSUM
 */
export async function loadDatasets(
  ctx: Pick<PlanContext, 'resolve' | 'data'> & Pick<RecordContext, 'log' | 'progress'>,
  names: readonly string[],
  seed: number,
): Promise<LoadedDataset[]> {
  const total = names.length;
  const loaded: LoadedDataset[] = [];
  const tell = (): void =>
    ctx.progress({
      ...{ task: 'data', done: loaded.length, total, unit: 'dataset', values: {} },
      etaSeconds: loaded.length === total ? 0 : null,
    });
  for (const name of names) {
    tell();
    const dataset = ctx.resolve(DATASET, name);
    loaded.push({ name, dataset, records: await dataset.load({ ...ctx.data, seed, log: ctx.log }) });
  }
  tell();
  return loaded;
}
