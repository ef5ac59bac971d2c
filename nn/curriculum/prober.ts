import type { Difficulty } from '../../core/contracts/tool.js';
import { assess, BASELINE_ACCURACY, type Assessment, type Probe } from './assessment.js';
import { EASIEST, HARDEST } from './levels.js';

export interface ProbingOptions {
  /** Accuracy at the baseline. Default 0.75. */
  readonly threshold?: number;
  /** Questions of each probe. Default 32; with fewer an interval says little. */
  readonly questions?: number;
  /** Difficulties of the first, even grid, 1 and 100 among them. Default 8. */
  readonly grid?: number;
  /** How far from the baseline found so far each further pair of probes is, one after the other. */
  readonly refinements?: readonly number[];
}

/** Half of the grid's distance and down: what was asked near the baseline stays in the fit. */
const REFINEMENTS = [7, 5, 4, 3, 2, 2] as const;

/** Right answers to `questions` questions of a difficulty. */
export type Ask = (difficulty: Difficulty, questions: number) => Promise<number>;

/**
 * Find the baseline of a model by asking it: an even grid of difficulties first, then pairs around the baseline of what is
 * known so far, nearer and nearer. A difficulty that is probed again adds to what was asked there. Outside of the range
 * (`below_range`, `saturated`) the end in question is asked once more, and if that does not change it, nothing else.
 *
 * @throws RangeError when `ask` gives what cannot be, or the options do not fit
 */
export async function probeBaseline(ask: Ask, options: ProbingOptions = {}): Promise<Assessment> {
  const { threshold = BASELINE_ACCURACY, questions = 32, grid = 8, refinements = REFINEMENTS } = options;
  if (!Number.isInteger(grid) || grid < 2)
    throw new RangeError(`a grid has at least 2 difficulties, not ${grid}`);
  const probes: Probe[] = [];
  const probe = async (difficulty: Difficulty): Promise<void> => {
    probes.push({ difficulty, right: await ask(difficulty, questions), asked: questions });
  };
  for (let place = 0; place < grid; place++)
    await probe(Math.round(EASIEST + (place * (HARDEST - EASIEST)) / (grid - 1)));
  let known = assess(probes, threshold);
  if (known.verdict !== 'found') {
    await probe(known.baseline);
    known = assess(probes, threshold);
  }
  for (const distance of refinements) {
    if (known.verdict !== 'found') break;
    for (const difficulty of around(known.baseline, distance)) await probe(difficulty);
    known = assess(probes, threshold);
  }
  return known;
}

/** Whole difficulties on both sides of the baseline, within the range. */
function around(baseline: Difficulty, distance: number): readonly Difficulty[] {
  const within = (difficulty: number): Difficulty =>
    Math.min(HARDEST, Math.max(EASIEST, Math.round(difficulty)));
  return [...new Set([within(baseline - distance), within(baseline + distance)])];
}
