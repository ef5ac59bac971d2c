/** What a cycle ended with. JSON. */
export interface CycleScore {
  /** On the same items every time. */
  readonly value: number;
  /** Standard error of its paired difference to the score before; 0 where nothing changed. */
  readonly error: number;
}

export interface PlateauSettings {
  /** Scores that are looked at for a gain. Default 3. */
  readonly window?: number;
  /** What counts as a gain: 0.01 is a point of a share. Default 0.01. */
  readonly leastGain?: number;
}

/** Where a series stands. */
export interface Plateau {
  /** There are more scores than the window holds. */
  readonly armed: boolean;
  /** Best score of the window less the best before it; null until armed. */
  readonly gain: number | null;
  /** What the gain had to be; null until armed. */
  readonly needed: number | null;
  readonly reached: boolean;
}

const WINDOW = 3;
const LEAST_GAIN = 0.01;
/** A gain of just what is needed is one, however its shares are rounded. */
const ROUNDING = 1e-12;

/**
 * Whether a series of scores has come to a plateau: the best of the last `window` scores is not above the best before by as much
 * as is needed, which is `leastGain`, or one standard error where that is more: of the errors of the window the largest,
 * for a step that cannot be told from chance is none. A series without a gain is on its plateau at every score, and a gain ends
 * it for as long as the window holds it.
 *
 * @param scores in their order
 * @throws RangeError for settings and scores that cannot be
 */
export function plateauOf(scores: readonly CycleScore[], settings: PlateauSettings = {}): Plateau {
  const { window = WINDOW, leastGain = LEAST_GAIN } = settings;
  if (!Number.isInteger(window) || window < 1) throw new RangeError(`a window of ${window} scores is none`);
  if (!(leastGain >= 0)) throw new RangeError(`a least gain of ${leastGain} is none`);
  scores.forEach(requireScore);
  if (scores.length <= window) return { armed: false, gain: null, needed: null, reached: false };
  const [before, last] = [scores.slice(0, -window), scores.slice(-window)];
  const gain = best(last) - best(before);
  const needed = Math.max(leastGain, ...last.map(({ error }) => error));
  return { armed: true, gain, needed, reached: gain <= 0 || gain < needed - ROUNDING };
}

/** @throws RangeError */
export function requireScore({ value, error }: CycleScore): void {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no score`);
  if (!(error >= 0 && error < Infinity)) throw new RangeError(`${error} is no standard error`);
}

function best(scores: readonly CycleScore[]): number {
  return Math.max(...scores.map(({ value }) => value));
}
