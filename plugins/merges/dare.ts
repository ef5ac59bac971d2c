import { defineMerge } from '../../core/contracts/merge.js';
import { bernoulliMask, gramOf, maskTrim, mixDeltas, normOf } from '../../nn/merging/index.js';
import { maskKeys, density, lambda, normalize } from './shared/sparse.js';
import { mergeMethod } from './shared/method.js';
import { optionsOf, switchParameter } from './shared/parameters.js';

const PARAMETERS = {
  density: density(
    0.1,
    'Probability p that a difference is kept, and then divided by p; 1 - p is the drop rate',
  ),
  lambda,
  normalize: normalize(true),
  cautious: switchParameter(
    'merge',
    true,
    'Keep at least half where differences are large: rms above 5e-3, or above a tenth of that of the base',
  ),
};

/**
 * Drop And REscale (Yu et al. 2024): theta_0 + lambda * mask * delta / density, the weighted mean of it for
 * several models. The expectation is the model itself; the relative error of the difference is sqrt(1/density - 1), which
 * only small differences of fine-tuning bear.
 */
export const dare = defineMerge({
  name: 'dare',
  description: 'Random differences to a base, rescaled to keep their expectation',
  options: optionsOf(PARAMETERS),
  create: (options) =>
    mergeMethod({
      name: 'dare',
      arity: { min: 1, max: null },
      base: 'required',
      parameters: PARAMETERS,
      options,
      merge: ({ models, base, weights, random, out }, values) => {
        const keys = maskKeys(random, models.length);
        const vectors = models.map((model, i) => {
          const asked = values.density[i]!;
          const kept = values.cautious && hasLargeDeltas(model, base) ? Math.max(asked, 0.5) : asked;
          const trim = kept < 1 ? maskTrim(bernoulliMask(model.length, kept, keys[i]!)) : null;
          return { model, weight: weights[i]!, trim, scale: trim && kept > 0 ? 1 / kept : 1 };
        });
        return mixDeltas(base, vectors, { ...values, consensus: null }, out);
      },
    }),
});

function hasLargeDeltas(model: Float32Array, base: Float32Array): boolean {
  const rms = normOf(gramOf([model], base), 0) / Math.sqrt(model.length);
  const baseRms = normOf(gramOf([base]), 0) / Math.sqrt(model.length);
  return rms > Math.min(5e-3, 0.1 * baseRms);
}
