import type { RandomStream } from '../../../core/contracts/merge.js';
import { streamKey, type StreamKey } from '../../../nn/random/index.js';

/** A stream of its own for the mask of each model, all drawn from that of the tensor. */
export function maskKeys(random: RandomStream, models: number): StreamKey[] {
  const seed = random.integer(4294967296);
  return Array.from({ length: models }, (_, model) => streamKey(seed, 'merge-mask', model));
}
