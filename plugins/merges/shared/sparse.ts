import type { RandomStream } from '../../../core/contracts/merge.js';
import { streamKey, type StreamKey } from '../../../nn/random/index.js';
import { deltasOf, rescaleL1, type TaskVector, type Trim } from '../../../nn/merging/index.js';
import { numberParameter, switchParameter } from './parameters.js';

/** Parameters of every method that mixes trimmed differences to a base. */
export const density = (value: number, description: string) =>
  numberParameter('model', value, { minimum: 0, maximum: 1 }, description);
export const lambda = numberParameter(
  'merge',
  1,
  { minimum: 0, maximum: 2 },
  'Factor of the mixed differences',
);
export const normalize = (value: boolean) =>
  switchParameter('merge', value, 'Divide by the weights of the models that take part');
export const rescale = (value: boolean) =>
  switchParameter('merge', value, 'Scale what is kept to the sum of magnitudes of all');

/** One model's part in the mix. `rescaled`: see {@link rescaleL1}. */
export function taskVector(
  model: Float32Array,
  base: Float32Array,
  weight: number,
  trim: Trim | null,
  rescaled: boolean,
): TaskVector {
  return { model, weight, trim, scale: rescaled ? rescaleL1(deltasOf(model, base), trim) : 1 };
}

/** A stream of its own for the mask of each model, all drawn from that of the tensor. */
export function maskKeys(random: RandomStream, models: number): StreamKey[] {
  const seed = random.integer(4294967296);
  return Array.from({ length: models }, (_, model) => streamKey(seed, 'merge-mask', model));
}
