import type { Difficulty } from '../../core/contracts/tool.js';

/** The range of every generator. */
export const EASIEST: Difficulty = 1;
export const HARDEST: Difficulty = 100;

/**
 * Difficulty of a level: B + (L - 1)(100 - B) / (levels - 1). The first is the baseline, the last is 100.
 *
 * @param baseline B, 1 to 100; need not be whole
 * @param level L, 1 to `levels`
 * @throws RangeError when one of them is outside of its range
 */
export function levelDifficulty(baseline: Difficulty, level: number, levels = 10): Difficulty {
  if (!(baseline >= EASIEST && baseline <= HARDEST))
    throw new RangeError(`a baseline is ${EASIEST} to ${HARDEST}, not ${baseline}`);
  if (!Number.isInteger(levels) || levels < 2)
    throw new RangeError(`there are at least 2 levels, not ${levels}`);
  if (!Number.isInteger(level) || level < 1 || level > levels)
    throw new RangeError(`a level is 1 to ${levels}, not ${level}`);
  return baseline + ((level - 1) * (HARDEST - baseline)) / (levels - 1);
}
