import { interpolate } from '../../../../nn/adapters/index.js';
import { withFullBake, type FullBake } from './bake.js';
import { bakingSubject, onceBaked } from './result.js';
import { pointOfStrength, type StrengthTarget } from './strength.js';
import type { Baked, BakingContext, BakingRequest, BakingStart } from './types.js';

/** Half of the effect. */
const HALF: StrengthTarget = { strength: 0.5, tolerance: 0.05 };

/**
 * Bake a part of a behaviour: the weights between those before and those of a full bake whose held-out loss has come as far
 * down as asked for, s = (L_0 - L) / (L_0 - L_full), found by bisection on the measured loss. Where the full bake has no
 * effect the model stays as it was, and the strength is null.
 */
export function halfBake(
  ctx: BakingContext,
  start: BakingStart,
  request: BakingRequest,
  target: StrengthTarget = HALF,
): Promise<Baked> {
  return onceBaked(ctx, request.area, bakingSubject(start, request, target), () =>
    withFullBake(ctx, start, request, (full) => partOf(start, full, target)),
  );
}

async function partOf(
  { model }: BakingStart,
  { weights, entry, measurement, seconds }: FullBake,
  target: StrengthTarget,
): Promise<Baked> {
  const between = (share: number) => interpolate(model.weights, weights, share);
  const { before, after: full } = entry;
  const point = await pointOfStrength(
    (share) => measurement.lossOf(between(share)),
    { before, full },
    target,
  );
  const { share, loss: after, strength } = point ?? { share: 0, loss: before, strength: null };
  return {
    weights: between(share),
    entries: [{ ...entry, share, after, strength, seconds: seconds() }],
  };
}
