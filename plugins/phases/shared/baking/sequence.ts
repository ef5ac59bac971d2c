import type { Baked, BakingStart } from './types.js';

/** One bake of a sequence, of whichever kind: `(start) => halfBake(ctx, start, request)`. */
export type BakingStep = (start: BakingStart) => Promise<Baked>;

/**
 * Bake one after the other, B(B(theta, u_1), u_2): each begins with what the one before gave, which is its teacher too.
 * Give every step an area of its own. Orders of prompts that contradict each other do not give the same.
 */
export async function sequence(start: BakingStart, steps: readonly BakingStep[]): Promise<Baked> {
  let baked: Baked = { weights: start.model.weights, entries: [] };
  for (const step of steps) {
    const next = await step({ ...start, model: { ...start.model, weights: baked.weights } });
    baked = { weights: next.weights, entries: [...baked.entries, ...next.entries] };
  }
  return baked;
}
