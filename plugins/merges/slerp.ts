import { defineMerge } from '../../core/contracts/merge.js';
import { karcherCoefficients, slerpOf, weightedSum } from '../../nn/merging/index.js';
import { gramFor, gramStatistics } from './shared/gram.js';
import { mergeMethod } from './shared/method.js';
import { numberParameter, optionsOf } from './shared/parameters.js';

const PARAMETERS = {
  t: numberParameter(
    'merge',
    0.5,
    { minimum: 0, maximum: 1 },
    'Of two models of equal weight: the way from the first (0) to the second (1)',
  ),
};

/**
 * Two models: along the arc between them (Shoemake 1985). More: their weighted mean on the sphere, whatever their order,
 * where pairs of pairs would depend on it.
 */
export const slerp = defineMerge({
  name: 'slerp',
  description: 'Spherical interpolation of two models, spherical mean of more',
  options: optionsOf(PARAMETERS),
  create: (options) =>
    mergeMethod({
      name: 'slerp',
      arity: { min: 2, max: null },
      base: 'unused',
      parameters: PARAMETERS,
      options,
      statistics: ({ base: _unused, ...input }) => gramStatistics(input),
      merge: ({ base: _unused, ...input }, { t }) => {
        const { models, weights, out } = input;
        const gram = gramFor(input);
        const coefficients =
          models.length === 2
            ? slerpOf(gram, shareOfSecond(t, weights))
            : karcherCoefficients(gram, weights, { maxIterations: 10, tolerance: 1e-5 });
        return weightedSum(models, coefficients, out);
      },
    }),
});

/** `t` for equal weights; otherwise the odds t : 1-t times those of the weights. */
function shareOfSecond(t: number, weights: readonly number[]): number {
  const [first, second] = weights as [number, number];
  const total = (1 - t) * first + t * second;
  return first === second || Math.abs(total) < 1e-8 ? t : (t * second) / total;
}
