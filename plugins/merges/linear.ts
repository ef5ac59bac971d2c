import { defineMerge } from '../../core/contracts/merge.js';
import { ForgeError } from '../../core/errors/index.js';
import { weightedSum } from '../../nn/merging/index.js';
import { mergeMethod } from './shared/method.js';
import { optionsOf, switchParameter } from './shared/parameters.js';

const PARAMETERS = {
  normalize: switchParameter('merge', true, 'Divide by the sum of the weights'),
};

/** sum_i w_i theta_i / sum_i w_i (model soups, Wortsman et al. 2022). */
export const linear = defineMerge({
  name: 'linear',
  description: 'Weighted mean of the models',
  options: optionsOf(PARAMETERS),
  create: (options) =>
    mergeMethod({
      name: 'linear',
      arity: { min: 1, max: null },
      base: 'unused',
      parameters: PARAMETERS,
      options,
      elementwise: true,
      showsNonFinite: true,
      merge: ({ name, models, weights, out }, { normalize }) => {
        if (!normalize) return weightedSum(models, weights, out);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        if (Math.abs(total) < 1e-8) throw weightsCancel(name);
        return weightedSum(
          models,
          weights.map((weight) => weight / total),
          out,
        );
      },
    }),
});

function weightsCancel(tensor: string): ForgeError {
  return new ForgeError('AF_MERGE_WEIGHTS', 'The weights of the models add up to 0: there is no mean.', {
    at: tensor,
    fix: 'Change a weight, or set normalize to false for the plain weighted sum.',
  });
}
