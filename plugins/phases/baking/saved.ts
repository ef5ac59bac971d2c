import { createHash } from 'node:crypto';
import { SavedProgress } from '../shared/resume.js';
import type { BakingRun } from './prepare.js';

/**
 * Do a piece of work once: a run that goes on finds what came of it.
 * @param name of its checkpoints
 * @param of what it depends on besides the model that came in, JSON
 */
export async function once<T>(
  { ctx, origin }: Pick<BakingRun, 'ctx' | 'origin'>,
  name: string,
  of: unknown,
  work: () => Promise<T>,
): Promise<T> {
  const subject = createHash('sha256')
    .update(origin.ref.weights.sha256)
    .update(JSON.stringify(of))
    .digest('hex');
  const saved = new SavedProgress<T>(ctx, ctx.checkpoints.child(name), subject, 'The model that came in is');
  const known = await saved.latest();
  if (known !== null) return known.state;
  const state = await work();
  await saved.save({ step: 1, tensors: {}, state }, 1);
  return state;
}
