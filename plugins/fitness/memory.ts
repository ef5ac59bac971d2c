import { defineFitnessTerm } from '../../core/contracts/evolution.js';
import { ratioOptions, boundedRatio } from './shared/ratio.js';

/** clip(mem_ref / mem, 0.5, 1.5) with mem the bytes of the weights. */
export const memory = defineFitnessTerm({
  name: 'memory',
  description: 'Bytes of the weights of the reference over those of the model',
  options: ratioOptions({ minimum: 0.5, maximum: 1.5, snap: 0.03 }),
  create: (bounds) => ({
    score: (measured, reference) => ({ value: boundedRatio(reference.bytes / measured.bytes, bounds) }),
  }),
});
