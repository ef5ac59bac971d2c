import { comparePaired, type BootstrapOptions } from '../evaluation/paired.js';
import type { Estimate } from '../evaluation/intervals.js';

/** Per item: whether it was right, or how good it was. */
export type ItemScores = readonly (boolean | number)[];

/** What a change was found to be worth. JSON. */
export interface Acceptance {
  readonly accepted: boolean;
  readonly items: number;
  /** Mean of each. */
  readonly before: number;
  readonly after: number;
  /** After - before, with its 95 % interval over items. */
  readonly gain: Estimate;
  /** Of the gain; null for a single item. */
  readonly standardError: number | null;
}

/**
 * Whether a change is kept: the paired bootstrap of the mean difference on the same items has its 95 % interval above 0. What
 * changes nothing is never kept, nor what a single item says. Of 100 items that lose none, three gained ones are too few
 * and five are enough: 0.97^100 and 0.95^100 of the draws have none of them.
 *
 * @param options.seed of the stream of draws: the same decides the same
 * @throws RangeError without items, or when the two do not have the same number of them
 */
export function acceptance(
  before: ItemScores,
  after: ItemScores,
  options: BootstrapOptions = {},
): Acceptance {
  const [first, second] = [asNumbers(after), asNumbers(before)];
  const compared = comparePaired(first, second, options);
  const { low } = compared.difference;
  return {
    accepted: low !== null && low > 0,
    items: compared.items,
    before: compared.second,
    after: compared.first,
    gain: compared.difference,
    standardError: standardError(first.map((value, i) => value - second[i]!)),
  };
}

export function asNumbers(scores: ItemScores): number[] {
  return scores.map(Number);
}

/** Of the mean: s / sqrt(n), with n - 1 degrees of freedom. */
function standardError(values: readonly number[]): number | null {
  const n = values.length;
  if (n < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (n - 1) / n);
}
