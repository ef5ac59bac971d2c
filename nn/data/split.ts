import type { DataRecord } from '../../contracts/dataset.js';
import { contentHash, hashFraction } from './content-hash.js';

export interface NamedRecords {
  readonly name: string;
  readonly records: readonly DataRecord[];
}

/** A dataset cut in two before anything is trained on it. */
export interface SplitRecords {
  readonly name: string;
  readonly train: readonly DataRecord[];
  readonly heldout: readonly DataRecord[];
  /** Records left out because an equal text came before, in this dataset or an earlier one. */
  readonly duplicates: number;
}

export interface SplitOptions {
  /** Share of the records that is held out, in [0, 1). Default 0.1 (spec/phase1-2.md 1.8). */
  readonly heldoutFraction?: number;
}

interface Keyed {
  readonly record: DataRecord;
  readonly key: string;
}

/**
 * Remove duplicates across all datasets and split each into training and held-out records by content hash. The side
 * depends on the content alone (the question, where there is one), never on order, seed or dataset, so equal
 * questions cannot stand on both sides, in this run or in any other. A dataset with at least two distinct questions
 * has records on both sides: where the hashes put all on one, the question with the extreme hash changes over.
 *
 * The key of a record is `metadata.group` where a dataset gives one (records that belong together), else its input,
 * else its text.
 */
export function splitDatasets(
  datasets: readonly NamedRecords[],
  options: SplitOptions = {},
): readonly SplitRecords[] {
  const fraction = options.heldoutFraction ?? 0.1;
  if (!(fraction >= 0 && fraction < 1))
    throw new RangeError(`heldoutFraction is ${fraction}, expected a number in [0, 1)`);
  const seen = new Set<string>();
  const kept = datasets.map((dataset) => distinct(dataset.records, seen));
  const moved = new Map<string, boolean>();
  if (fraction > 0) for (const records of kept) balance(records, fraction, moved);
  const isHeldOut = ({ key }: Keyed): boolean => moved.get(key) ?? hashFraction(key) < fraction;
  return datasets.map(({ name, records }, index) => ({
    name,
    train: kept[index]!.filter((keyed) => !isHeldOut(keyed)).map(({ record }) => record),
    heldout: kept[index]!.filter(isHeldOut).map(({ record }) => record),
    duplicates: records.length - kept[index]!.length,
  }));
}

function distinct(records: readonly DataRecord[], seen: Set<string>): readonly Keyed[] {
  const kept: Keyed[] = [];
  for (const record of records) {
    const hash = contentHash(record.text);
    if (seen.has(hash)) continue;
    seen.add(hash);
    kept.push({ record, key: groupKey(record, hash) });
  }
  return kept;
}

function groupKey(record: DataRecord, textHash: string): string {
  const group = record.metadata?.['group'];
  if (group !== undefined) return contentHash(String(group));
  return record.input === undefined ? textHash : contentHash(record.input);
}

/** Content hash of what decides the side a record falls on: equal for records that must stay together. */
export function recordKey(record: DataRecord): string {
  return groupKey(record, contentHash(record.text));
}

/** See that a dataset has both sides; a move made for an earlier dataset counts here too. */
function balance(records: readonly Keyed[], fraction: number, moved: Map<string, boolean>): void {
  const keys = [...new Set(records.map(({ key }) => key))].sort();
  if (keys.length < 2) return;
  const side = (key: string): boolean => moved.get(key) ?? hashFraction(key) < fraction;
  const heldout = keys.filter(side).length;
  if (heldout === 0) moved.set(keys[0]!, true);
  if (heldout === keys.length) moved.set(keys.at(-1)!, false);
}
