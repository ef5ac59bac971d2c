/**
 * When a recursive model stops, as pure functions over host numbers. Halting probabilities q_k are given
 * per step, first step first; the last step always halts.
 */

/** Mass of having halted after each step, the last one not forced: 1 - prod_{j<=k} (1 - q_j). */
export function cumulativeHalting(halting: ArrayLike<number>): number[] {
  let remaining = 1;
  return Array.from(halting, (q) => {
    remaining *= 1 - q;
    return 1 - remaining;
  });
}

/** p_k = q_k prod_{j<k} (1 - q_j), the rest on the last step. Sums to 1. */
export function haltingDistribution(halting: ArrayLike<number>): number[] {
  const cumulative = cumulativeHalting(halting);
  const last = cumulative.length - 1;
  return cumulative.map((mass, k) => (k === last ? 1 : mass) - (k === 0 ? 0 : cumulative[k - 1]!));
}

/**
 * First step (1-based) whose cumulative mass reaches `threshold`; the last one otherwise. A higher threshold means
 * more steps.
 */
export function haltingStep(halting: ArrayLike<number>, threshold: number): number {
  return firstReaching(cumulativeHalting(halting), threshold);
}

/** First step (1-based) whose mean halting probability reaches `threshold`: the rule of an unspecialised model. */
export function meanHaltingStep(meanHalting: ArrayLike<number>, threshold = 0.5): number {
  return firstReaching(Array.from(meanHalting), threshold);
}

function firstReaching(values: readonly number[], threshold: number): number {
  const found = values.findIndex((value) => value >= threshold);
  return found === -1 ? values.length : found + 1;
}

/** How many tokens stopped after each step; entry 0 is step 1. @param steps each in 1..maximum */
export function haltingHistogram(steps: ArrayLike<number>, maximum: number): number[] {
  const counts = new Array<number>(maximum).fill(0);
  for (let i = 0; i < steps.length; i++) counts[steps[i]! - 1]! += 1;
  return counts;
}
