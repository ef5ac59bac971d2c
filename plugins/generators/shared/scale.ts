import type { Difficulty } from '../../../core/contracts/tool.js';
import type { Draw } from '../../../nn/random/index.js';

const EASIEST = 1;
const HARDEST = 100;

/**
 * A whole number that grows with the difficulty, `low` at 1 and `high` at 100. What lies between two whole numbers is one of
 * them, the nearer one more often, so that every difficulty is a little harder than the one before.
 */
export function scaled(draw: Draw, difficulty: Difficulty, low: number, high: number): number {
  const share = Math.min(1, Math.max(0, (difficulty - EASIEST) / (HARDEST - EASIEST)));
  const exact = low + share * (high - low);
  const whole = Math.floor(exact);
  return draw.chance(exact - whole) ? whole + 1 : whole;
}
