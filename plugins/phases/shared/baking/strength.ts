/** A point on the way from the weights before a bake to those after it. */
export interface PathPoint {
  /** 0 before, 1 after. */
  readonly share: number;
  /** Held-out loss there. */
  readonly loss: number;
  readonly strength: number;
}

/** Which strength is wanted, and how closely. */
export interface StrengthTarget {
  readonly strength: number;
  readonly tolerance: number;
}

/** Most measurements of a search: the bracket is 1 / 2^30 of the way by then. */
const MOST_PROBES = 30;

/**
 * How much of a bake's effect is there, by behaviour: s = (L_0 - L) / (L_0 - L_full). Null where the full bake did not
 * lower the held-out loss: there is no effect to have a part of.
 */
export function strengthOf(before: number, full: number, now: number): number | null {
  return before > full ? (before - now) / (before - full) : null;
}

/**
 * The point of the path whose measured strength is the wanted one, by bisection: strength is 0 at one end and 1 at the
 * other, and the path has no jumps, whatever it does between.
 *
 * @param lossAt held-out loss at a share of the path
 * @returns the point nearest to the target when the search ends; null where the full bake has no effect
 */
export async function pointOfStrength(
  lossAt: (share: number) => Promise<number>,
  { before, full }: { readonly before: number; readonly full: number },
  { strength: wanted, tolerance }: StrengthTarget,
): Promise<PathPoint | null> {
  if (strengthOf(before, full, full) === null) return null;
  const ends: PathPoint[] = [
    { share: 0, loss: before, strength: 0 },
    { share: 1, loss: full, strength: 1 },
  ];
  let best = ends.reduce((a, b) => (distance(b) < distance(a) ? b : a));
  let [low, high] = [0, 1];
  for (let probe = 0; probe < MOST_PROBES && distance(best) > tolerance; probe++) {
    const share = (low + high) / 2;
    const loss = await lossAt(share);
    const point = { share, loss, strength: strengthOf(before, full, loss)! };
    if (distance(point) < distance(best)) best = point;
    if (point.strength < wanted) low = share;
    else high = share;
  }
  return best;

  function distance({ strength }: PathPoint): number {
    return Math.abs(strength - wanted);
  }
}
