import { writableCount, writableLogits, type WritableIds } from './writable.js';

/**
 * Entropy of the next token over that of not knowing anything: H / ln V, 0 (certain) to 1, at temperature 1. V is how many
 * ids may be written; ids that may not have no share. It tells where a token is difficult, whatever the vocabulary.
 *
 * @param logits [V']
 */
export function normalisedEntropy(logits: Float32Array, ids: WritableIds): number {
  const known = writableLogits(logits, ids);
  const most = known.reduce((best, value) => Math.max(best, value), -Infinity);
  let mass = 0;
  let weighted = 0;
  for (const value of known) {
    const share = Math.exp(value - most);
    mass += share;
    if (share > 0) weighted += share * (value - most);
  }
  return overMost(Math.log(mass) - weighted / mass, ids);
}

/** A model that may write one id alone is never in doubt. */
function overMost(entropy: number, ids: WritableIds): number {
  const count = writableCount(ids);
  return count < 2 ? 0 : entropy / Math.log(count);
}

/**
 * The entropy above which a token is among the most difficult: the percentile of what was measured, between neighbours
 * by straight line.
 *
 * @param entropies of tokens of held-out text ({@link normalisedEntropies}); at least one
 * @param percentile share of the tokens that stay below, 0..1
 * @throws RangeError without entropies, or for a share outside 0..1
 */
export function calibrateThreshold(entropies: ArrayLike<number>, percentile = 0.7): number {
  if (entropies.length === 0) throw new RangeError('There is no entropy to calibrate by.');
  if (!(percentile >= 0 && percentile <= 1)) throw new RangeError(`${percentile} is no share from 0 to 1.`);
  const sorted = Float64Array.from(entropies).sort();
  const at = percentile * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (at - Math.floor(at)) * (sorted[Math.ceil(at)]! - below);
}
