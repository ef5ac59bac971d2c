import { defineFitnessTerm } from '../../core/contracts/evolution.js';
import { ratioOptions, boundedRatio } from './shared/ratio.js';

/**
 * clip(tps / tps_ref, 0.5, 1.5), with operations per token at the recursion steps taken instead
 * of a clock: models of one shape differ by nothing else, and a count is the same on every machine and on resume.
 */
export const speed = defineFitnessTerm({
  name: 'speed',
  description: 'Operations per token of the reference over those of the model, with adaptive halting',
  options: ratioOptions({ minimum: 0.5, maximum: 1.5, snap: 0.03 }),
  create: (bounds) => ({
    score: (measured, reference) => {
      if (measured.flopsPerToken === null || reference.flopsPerToken === null) {
        return { value: 1, reason: 'the engine does not count operations' };
      }
      return { value: boundedRatio(reference.flopsPerToken / measured.flopsPerToken, bounds) };
    },
  }),
});
