import type { Difficulty } from '../../core/contracts/tool.js';
import { wilsonEstimate, type Estimate } from '../evaluation/intervals.js';
import { poolNonIncreasing, type Pool } from './isotonic.js';
import { EASIEST, HARDEST } from './levels.js';

/** How many of the questions of one difficulty were answered rightly. */
export interface Probe {
  readonly difficulty: Difficulty;
  readonly right: number;
  /** At least 1. */
  readonly asked: number;
}

export interface FittedProbe extends Probe {
  /** The share of right answers with its Wilson 95 % interval. */
  readonly accuracy: Estimate;
  /** The same on the fitted curve, which never rises. */
  readonly fitted: number;
}

/** `below_range`: even the easiest is too hard. `saturated`: even the hardest is not. */
export type AssessmentVerdict = 'below_range' | 'found' | 'saturated';

export interface Assessment {
  readonly verdict: AssessmentVerdict;
  /** Where the fitted accuracy falls below the threshold; 1 below the range, 100 above it. */
  readonly baseline: Difficulty;
  readonly threshold: number;
  /** By difficulty, one per difficulty. */
  readonly curve: readonly FittedProbe[];
}

/** Accuracy at the baseline. Nearest published number: 0.85 for binary tasks (Wilson et al. 2019); a setting, not a law. */
export const BASELINE_ACCURACY = 0.75;

/**
 * The baseline of a model: the largest difficulty at which the fitted accuracy is at least `threshold`. Probes of the same
 * difficulty count as one. The fit is isotonic; between probes it is linear from pool to pool, each pool at its mean difficulty
 * (centred isotonic regression: Oron and Flournoy 2017, Stat. Biopharm. Res. 9:258), for a pool is an estimate of its middle.
 * The easiest and the hardest probe decide whether there is a baseline, so difficulties 1 and 100 should be among them.
 *
 * @throws RangeError without probes, and for counts that cannot be
 */
export function assess(probes: readonly Probe[], threshold = BASELINE_ACCURACY): Assessment {
  const merged = mergeProbes(probes);
  const pools = poolNonIncreasing(
    merged.map(({ right, asked }) => ({ value: right / asked, weight: asked })),
  );
  const curve = pools.flatMap(({ from, to, value }) =>
    merged
      .slice(from, to + 1)
      .map((probe) => ({ ...probe, accuracy: wilsonEstimate(probe.right, probe.asked), fitted: value })),
  );
  const verdict = verdictOf(pools, threshold);
  const baseline =
    verdict === 'below_range'
      ? EASIEST
      : verdict === 'saturated'
        ? HARDEST
        : crossing(merged, pools, threshold);
  return { verdict, baseline, threshold, curve };
}

function verdictOf(pools: readonly Pool[], threshold: number): AssessmentVerdict {
  if (pools[0]!.value < threshold) return 'below_range';
  return pools.at(-1)!.value >= threshold ? 'saturated' : 'found';
}

/** Where the line through the pools' centres falls to the threshold: f_i >= threshold > f_(i+1). */
function crossing(probes: readonly Probe[], pools: readonly Pool[], threshold: number): Difficulty {
  const after = pools.findIndex(({ value }) => value < threshold);
  const [above, below] = [pools[after - 1]!, pools[after]!];
  const [start, end] = [centre(probes, above), centre(probes, below)];
  return start + ((above.value - threshold) / (above.value - below.value)) * (end - start);
}

/** Mean difficulty of the questions in a pool. */
function centre(probes: readonly Probe[], { from, to, weight }: Pool): Difficulty {
  const members = probes.slice(from, to + 1);
  return members.reduce((sum, { difficulty, asked }) => sum + difficulty * asked, 0) / weight;
}

/** One probe per difficulty, the easiest first. */
function mergeProbes(probes: readonly Probe[]): readonly Probe[] {
  if (probes.length === 0) throw new RangeError('there is no probe');
  const byDifficulty = new Map<Difficulty, Probe>();
  for (const probe of probes) {
    const { difficulty, right, asked } = probe;
    if (!(difficulty >= EASIEST && difficulty <= HARDEST) || !(asked >= 1 && right >= 0 && right <= asked))
      throw new RangeError(`${right} of ${asked} right at difficulty ${difficulty} is no probe`);
    const known = byDifficulty.get(difficulty);
    byDifficulty.set(difficulty, {
      difficulty,
      right: right + (known?.right ?? 0),
      asked: asked + (known?.asked ?? 0),
    });
  }
  return [...byDifficulty.values()].sort((a, b) => a.difficulty - b.difficulty);
}
