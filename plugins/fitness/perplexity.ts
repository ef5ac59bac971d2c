import { defineFitnessTerm } from '../../core/contracts/evolution.js';
import { ratioOptions, boundedRatio } from './shared/ratio.js';

/** clip(ppl_ref / ppl, 0, 2): twice as good when perplexity is half. */
export const perplexity = defineFitnessTerm({
  name: 'perplexity',
  description: 'Perplexity of the reference over that of the model',
  options: ratioOptions({ minimum: 0, maximum: 2, snap: 0 }),
  create: (bounds) => ({
    score: (measured, reference) => ({
      value: boundedRatio(reference.perplexity / measured.perplexity, bounds),
    }),
  }),
});
