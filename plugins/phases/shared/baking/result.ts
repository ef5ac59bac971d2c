import { createHash } from 'node:crypto';
import { weightsHash } from '../../../../nn/models/index.js';
import { SavedProgress } from '../resume.js';
import type { Baked, BakingContext, BakingEntry, BakingRequest, BakingStart } from './types.js';

/** Identifies what a bake does: everything its result depends on. @param how of the composition, JSON */
export function bakingSubject(
  { model, tokenizer }: BakingStart,
  request: BakingRequest,
  how: unknown,
): string {
  const { name, method, train, heldOut, training, steps, optimizer, rowRate, seed } = request;
  const { keepCheckpoints: _, checkpointEvery: __, ...trained } = training;
  const asked = { name, method, train, heldOut, trained, steps, optimizer, rowRate, seed, how };
  return createHash('sha256')
    .update(weightsHash(model.weights))
    .update(JSON.stringify([model.config, asked]))
    .update(tokenizer.serialize())
    .digest('hex');
}

/** What was baked before, if it was; else bake it, and keep it for a run that goes on. @throws ForgeError AF_DATA_CHANGED */
export async function onceBaked(
  ctx: Pick<BakingContext, 'sessionId'>,
  area: BakingRequest['area'],
  subject: string,
  bake: () => Promise<Baked>,
): Promise<Baked> {
  const saved = new SavedProgress<readonly BakingEntry[]>(
    ctx,
    area.child('result'),
    subject,
    'What is baked is',
  );
  const before = await saved.latest();
  if (before !== null) return { weights: before.tensors, entries: before.state };
  const baked = await bake();
  await saved.save({ step: 1, tensors: baked.weights, state: baked.entries }, 1);
  return baked;
}
