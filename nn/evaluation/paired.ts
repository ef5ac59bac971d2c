import { stream } from '../random/index.js';
import type { Estimate } from './intervals.js';

export interface BootstrapOptions {
  /** Samples of the items, drawn with replacement. Default 2,000. */
  readonly resamples?: number;
  /** The same seed draws the same items, whatever is compared. Default 0. */
  readonly seed?: number;
}

/** Two arms on the same items. JSON. */
export interface PairedComparison {
  readonly items: number;
  /** Mean of each arm. */
  readonly first: number;
  readonly second: number;
  /** First - second, with its 95 % interval over items. */
  readonly difference: Estimate;
}

/** How two arms did on the same questions (McNemar 1947, Psychometrika 12:153). */
export interface McNemarCounts {
  readonly both: number;
  readonly firstOnly: number;
  readonly secondOnly: number;
  readonly neither: number;
}

const RESAMPLES = 2000;
/** Share of the resamples that lies beyond each bound of a 95 % interval. */
const TAIL = 0.025;

/**
 * What two arms differ by on the same items: the items are drawn anew many times, both arms with the same draw, and the
 * interval leaves 2.5 % of the differences out on each side (the percentile bootstrap: Efron and Tibshirani 1993, An
 * Introduction to the Bootstrap, chapter 13).
 *
 * @param first value of each item: 1 or 0 for right or wrong, or any number
 * @param second of the same items in the same order
 * @returns without bounds for a single item
 * @throws RangeError without items, or when the arms do not have the same number of them
 */
export function comparePaired(
  first: readonly number[],
  second: readonly number[],
  options: BootstrapOptions = {},
): PairedComparison {
  return compareWithEach(first, { second }, options).second;
}

/** One arm against each of many: as {@link comparePaired}, with the same draws for all of them. */
export function compareWithEach<Name extends string>(
  first: readonly number[],
  others: Readonly<Record<Name, readonly number[]>>,
  options: BootstrapOptions = {},
): Record<Name, PairedComparison> {
  const names = Object.keys(others) as Name[];
  const differences = names.map((name) => differencesOf(first, others[name]));
  const drawn = resampledMeans(differences, first.length, options);
  const entries = names.map((name, i): [Name, PairedComparison] => {
    const value = mean(differences[i]!);
    const comparison = {
      items: first.length,
      first: mean(first),
      second: mean(others[name]),
      difference: percentileInterval(value, drawn[i]!, first.length),
    };
    return [name, comparison];
  });
  return Object.fromEntries(entries) as Record<Name, PairedComparison>;
}

/** @throws RangeError when the arms do not have the same number of items */
export function mcNemarCounts(first: readonly boolean[], second: readonly boolean[]): McNemarCounts {
  requireSameItems(first, second);
  const counts = { both: 0, firstOnly: 0, secondOnly: 0, neither: 0 };
  for (const [i, right] of first.entries()) {
    if (right) counts[second[i]! ? 'both' : 'firstOnly']++;
    else counts[second[i]! ? 'secondOnly' : 'neither']++;
  }
  return counts;
}

function differencesOf(first: readonly number[], second: readonly number[]): number[] {
  if (first.length === 0) throw new RangeError('without items there is nothing to compare');
  requireSameItems(first, second);
  return first.map((value, i) => value - second[i]!);
}

function requireSameItems(first: readonly unknown[], second: readonly unknown[]): void {
  if (first.length !== second.length)
    throw new RangeError(`arms of ${first.length} and ${second.length} items are not paired`);
}

/** Means of every column over the same draws of items, sorted. */
function resampledMeans(
  columns: readonly (readonly number[])[],
  items: number,
  { resamples = RESAMPLES, seed = 0 }: BootstrapOptions,
): Float64Array[] {
  const random = stream(seed, 'bootstrap');
  const means = columns.map(() => new Float64Array(resamples));
  const drawn = new Uint32Array(items);
  for (let r = 0; r < resamples; r++) {
    for (let i = 0; i < items; i++) drawn[i] = random.integer(items);
    for (const [c, column] of columns.entries()) {
      let sum = 0;
      for (const item of drawn) sum += column[item]!;
      means[c]![r] = sum / items;
    }
  }
  return means.map((column) => column.sort());
}

/** As many resamples are left out above as below, so that the arms can change places. */
function percentileInterval(value: number, sorted: Float64Array, items: number): Estimate {
  if (items < 2) return { value, low: null, high: null };
  const beyond = Math.floor(TAIL * sorted.length);
  // A few resamples of a few items may all lie on one side of what was measured.
  return {
    value,
    low: Math.min(value, sorted[beyond]!),
    high: Math.max(value, sorted[sorted.length - 1 - beyond]!),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
