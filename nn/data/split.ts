import type { DataRecord } from '../../core/contracts/dataset.js';
import { contentHash } from './content-hash.js';
import { cutByPosition, halve } from './cut-text.js';
import { keyRecords, type DistinctRecord, type KeyedRecord } from './record-groups.js';
import { Sides } from './sides.js';

export interface NamedRecords {
  readonly name: string;
  readonly records: readonly DataRecord[];
}

/** A dataset cut in two before anything is trained on it. */
export interface SplitRecords {
  readonly name: string;
  /** Records that were given. */
  readonly given: number;
  readonly train: readonly DataRecord[];
  readonly heldout: readonly DataRecord[];
  /** Of each held-out record, content hash of what decided its side: equal for records that must stay together. */
  readonly heldoutKeys: readonly string[];
  /** Records left out because an equal text came before, in this dataset or an earlier one. */
  readonly duplicates: number;
  /** Records that share their prompt with so many others that they were split one by one. */
  readonly instructed: number;
  /** Of a document that was cut by position, because there were too few to hold out a whole one: its parts. */
  readonly parts: readonly CutPart[];
}

/** A part of a text that was cut, by its place in it. */
export interface CutPart {
  /** Content hash of the whole text. */
  readonly of: string;
  /** Characters from `start` to before `end`. */
  readonly start: number;
  readonly end: number;
  /** Content hash of the part. */
  readonly group: string;
  readonly side: 'train' | 'held out';
}

export interface SplitOptions {
  /** Share of the records that is held out, in [0, 1). Default 0.1. */
  readonly heldoutFraction?: number;
}

/** Held-out groups that are wanted over all datasets: one to choose by, one to report on. */
const LEAST_HELD_OUT = 2;

/**
 * Remove duplicates across all datasets and split each into training and held-out records by content hash (what is
 * hashed: {@link keyRecords}). The side depends on content alone, never on order or seed, so equal questions cannot
 * stand on both sides, in this run or in any other.
 *
 * Little data is split as well as it can be: a dataset with at least two groups has records on both sides (where the
 * hashes put all on one, the group with the extreme hash changes over); a dataset that is one plain text is cut by
 * position, its end held out; one that cannot be cut is trained on. Over all datasets two groups are held out where
 * there are enough. What still lacks a side is for the caller to refuse: it has empty arrays.
 */
export function splitDatasets(
  datasets: readonly NamedRecords[],
  options: SplitOptions = {},
): readonly SplitRecords[] {
  const fraction = options.heldoutFraction ?? 0.1;
  if (!(fraction >= 0 && fraction < 1))
    throw new RangeError(`heldoutFraction is ${fraction}, expected a number in [0, 1)`);
  const seen = new Set<string>();
  const kept = datasets.map(({ records }) => distinct(records, seen));
  const sides = new Sides(fraction);
  const keyed = keyRecords(kept);
  for (const { record, key } of keyed.flat()) if (isTestItem(record)) sides.move(key, true);
  const arranged = fraction === 0 ? keyed : arrange(keyed, fraction, sides);
  return datasets.map(({ name, records }, index) => {
    const own = arranged[index]!;
    const heldout = own.filter(({ key }) => sides.isHeldOut(key));
    return {
      name,
      given: records.length,
      train: own.filter(({ key }) => !sides.isHeldOut(key)).map(({ record }) => record),
      heldout: heldout.map(({ record }) => record),
      heldoutKeys: heldout.map(({ key }) => key),
      duplicates: records.length - kept[index]!.length,
      instructed: own.filter(({ instructed }) => instructed).length,
      parts: own.flatMap((record) => placeOf(record, sides)),
    };
  });
}

/** Whether the dataset itself keeps a record for measuring: what is tied to it is held out as well. */
export function isTestItem({ metadata }: DataRecord): boolean {
  return metadata?.['held_out'] === true;
}

function distinct(records: readonly DataRecord[], seen: Set<string>): readonly DistinctRecord[] {
  const kept: DistinctRecord[] = [];
  for (const record of records) {
    const textHash = contentHash(record.text);
    if (seen.has(textHash)) continue;
    seen.add(textHash);
    kept.push({ record, textHash });
  }
  return kept;
}

type Keyed = readonly KeyedRecord[];

/** Give every dataset both sides where that can be done. */
function arrange(datasets: readonly Keyed[], share: number, sides: Sides): readonly Keyed[] {
  const arranged = datasets.map((records) => arrangeSingle(records, share, sides));
  for (const records of arranged) sides.balance(keysOf(records));
  const missing = LEAST_HELD_OUT - sides.heldOutOf(arranged.flatMap(keysOf)).length;
  if (missing > 0) sides.holdOutMore(arranged.map(keysOf), missing);
  if (sides.heldOutOf(arranged.flatMap(keysOf)).length >= LEAST_HELD_OUT) return arranged;
  return arranged.map((records) => records.flatMap((record) => halveHeldOut(record, sides)));
}

/** Of a dataset that is one group: a text is cut, anything else is trained on. */
function arrangeSingle(records: Keyed, share: number, sides: Sides): Keyed {
  const keys = keysOf(records);
  if (keys.length !== 1) return records;
  const [only] = records;
  const cut = records.length === 1 && isText(only!) ? cutByPosition(only!.record.text, share) : null;
  if (cut === null) {
    sides.move(keys[0]!, false);
    return records;
  }
  return [
    partOf(only!, cut.train, false, sides),
    ...cut.heldout.map((text) => partOf(only!, text, true, sides)),
  ];
}

/** The only held-out document as two, so that what is chosen by and what is reported on need not be the same. */
function halveHeldOut(record: KeyedRecord, sides: Sides): Keyed {
  const halves = sides.isHeldOut(record.key) && isText(record) ? halve(record.record.text) : null;
  return halves === null ? [record] : halves.map((text) => partOf(record, text, true, sides));
}

function partOf({ record, whole }: KeyedRecord, text: string, heldOut: boolean, sides: Sides): KeyedRecord {
  const key = contentHash(text);
  sides.move(key, heldOut);
  return { record: { ...record, text }, key, instructed: false, whole: whole ?? record.text };
}

function placeOf({ record, key, whole }: KeyedRecord, sides: Sides): CutPart[] {
  if (whole === undefined) return [];
  const start = whole.indexOf(record.text);
  const side = sides.isHeldOut(key) ? 'held out' : 'train';
  return [{ of: contentHash(whole), start, end: start + record.text.length, group: key, side }];
}

function isText({ record }: KeyedRecord): boolean {
  return record.input === undefined && record.metadata?.['group'] === undefined;
}

/** Distinct, in the order of the hashes. */
function keysOf(records: Keyed): readonly string[] {
  return [...new Set(records.map(({ key }) => key))].sort();
}
