import type { RandomStream } from '../../core/contracts/merge.js';

/** Weights drawn uniformly from all that are not negative and sum to one (Dirichlet(1)). */
export function uniformShares(count: number, random: RandomStream): number[] {
  const draws = Array.from({ length: count }, () => -Math.log(1 - random.uniform()));
  const total = draws.reduce((sum, draw) => sum + draw, 0);
  return draws.map((draw) => draw / total);
}
