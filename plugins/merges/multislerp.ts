import { defineMerge } from '../../core/contracts/merge.js';
import { normalizedMeanCoefficients, shares, weightedSum } from '../../nn/merging/index.js';
import { gramFor, gramStatistics } from './shared/gram.js';
import { mergeMethod } from './shared/method.js';
import { numberParameter, optionsOf, switchParameter } from './shared/parameters.js';

const PARAMETERS = {
  normalize_weights: switchParameter('merge', true, 'Divide the weights by their sum'),
  eps: numberParameter('merge', 1e-8, { minimum: 0 }, 'Vectors no longer than this have no direction'),
};

/**
 * mergekit's `multislerp`: the weighted sum of the directions, normalised, with the weighted length. (Its further step
 * in the tangent space at that point is exactly zero: the tangent vectors balance where they are summed.) With a base
 * it merges the differences to it.
 */
export const multislerp = defineMerge({
  name: 'multislerp',
  description: 'Normalised weighted mean of the directions of the models, or of their differences to a base',
  options: optionsOf(PARAMETERS),
  create: (options) =>
    mergeMethod({
      name: 'multislerp',
      arity: { min: 1, max: null },
      base: 'optional',
      parameters: PARAMETERS,
      options,
      statistics: gramStatistics,
      merge: (input, { normalize_weights: normalize, eps }) => {
        const { models, base, weights, out } = input;
        if (models.length === 1) return models[0]!;
        const used = normalize ? shares(weights) : weights;
        const coefficients = normalizedMeanCoefficients(gramFor(input), used, eps);
        if (!base) return weightedSum(models, coefficients, out);
        const rest = 1 - coefficients.reduce((sum, coefficient) => sum + coefficient, 0);
        return weightedSum([base, ...models], [rest, ...coefficients], out);
      },
    }),
});
