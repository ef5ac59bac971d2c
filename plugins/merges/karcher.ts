import { defineMerge } from '../../core/contracts/merge.js';
import { karcherCoefficients, weightedSum } from '../../nn/merging/index.js';
import { gramFor, gramStatistics } from './shared/gram.js';
import { mergeMethod } from './shared/method.js';
import { numberParameter, optionsOf } from './shared/parameters.js';

const PARAMETERS = {
  max_iter: numberParameter('merge', 10, { minimum: 0 }, 'Most steps towards the mean'),
  tol: numberParameter('merge', 1e-5, { minimum: 0 }, 'A step (in radians) below which the mean is found'),
};

/** The Karcher (Riemannian) mean of the directions (Karcher 1977), with the mean length. */
export const karcher = defineMerge({
  name: 'karcher',
  description: 'Weighted mean of the models on the sphere',
  options: optionsOf(PARAMETERS),
  create: (options) =>
    mergeMethod({
      name: 'karcher',
      arity: { min: 1, max: null },
      base: 'unused',
      parameters: PARAMETERS,
      options,
      statistics: ({ base: _unused, ...input }) => gramStatistics(input),
      merge: ({ base: _unused, ...input }, { max_iter: maxIterations, tol: tolerance }) => {
        const { models, weights, out } = input;
        if (models.length === 1) return models[0]!;
        const coefficients = karcherCoefficients(gramFor(input), weights, { maxIterations, tolerance });
        return weightedSum(models, coefficients, out);
      },
    }),
});
