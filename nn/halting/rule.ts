/**
 * When a recursive model stops, as pure functions over host numbers (spec 1.4). Probabilities are given per step,
 * first step first; the last step always halts.
 */

/** p_k = q_k prod_{j<k} (1 - q_j), the rest on the last step. Sums to 1. */
export function haltingDistribution(halting: ArrayLike<number>): number[] {
  const masses: number[] = [];
  let remaining = 1;
  for (let k = 0; k < halting.length; k++) {
    const mass = k === halting.length - 1 ? remaining : halting[k]! * remaining;
    masses.push(mass);
    remaining -= mass;
  }
  return masses;
}

/**
 * First step (1-based) whose cumulative mass sum_{j<=k} q_j prod_{i<j} (1 - q_i) reaches `threshold`; the last one
 * otherwise. A higher threshold means more steps.
 */
export function haltingStep(halting: ArrayLike<number>, threshold: number): number {
  let remaining = 1;
  for (let k = 0; k < halting.length - 1; k++) {
    remaining *= 1 - halting[k]!;
    if (1 - remaining >= threshold) return k + 1;
  }
  return Math.max(halting.length, 1);
}

/** First step (1-based) whose mean halting probability reaches `threshold`: the rule of an unspecialised model. */
export function meanHaltingStep(meanHalting: ArrayLike<number>, threshold = 0.5): number {
  for (let k = 0; k < meanHalting.length - 1; k++) if (meanHalting[k]! >= threshold) return k + 1;
  return Math.max(meanHalting.length, 1);
}

/** How many tokens stopped after each step; entry 0 is step 1. */
export function haltingHistogram(steps: ArrayLike<number>, maximum: number): number[] {
  const counts = new Array<number>(maximum).fill(0);
  for (let i = 0; i < steps.length; i++) counts[steps[i]! - 1]! += 1;
  return counts;
}
