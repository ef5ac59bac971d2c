import { defineMerge, type MergeInput } from '../../core/contracts/merge.js';
import { ForgeError } from '../../core/errors/index.js';
import {
  givenImportance,
  importanceMean,
  shares,
  squaredDeltas,
  weightedSum,
  type Importance,
} from '../../nn/merging/index.js';
import { mergeMethod } from './shared/method.js';
import { numberParameter, optionsOf, switchParameter } from './shared/parameters.js';

const PARAMETERS = {
  epsilon: numberParameter(
    'merge',
    1e-6,
    { minimum: 0 },
    'Added to every importance, as a share of its mean: nothing counts for nothing',
  ),
  balance: switchParameter(
    'merge',
    true,
    'Scale the importance of each model to mean 1 in every tensor, so that large gradients alone do not win',
  ),
};

/**
 * Deep feature selection by per-model importance (Fisher merging, Matena and Raffel 2022, equation 4):
 * sum_i w_i F_i theta_i / sum_i w_i F_i with F the diagonal Fisher information. Without it F_i = (theta_i - theta_0)^2,
 * and without a base the weighted mean.
 */
export const dfs = defineMerge({
  name: 'dfs',
  description: 'Mean of the models, each element by its importance to each model',
  options: optionsOf(PARAMETERS),
  create: (options) =>
    mergeMethod({
      name: 'dfs',
      arity: { min: 1, max: null },
      base: 'optional',
      parameters: PARAMETERS,
      options,
      merge: (input, { epsilon, balance }) => {
        const { models, weights } = input;
        const importances = importancesOf(input);
        if (!importances) return weightedSum(models, shares(weights));
        return importanceMean(models, importances, { weights, epsilon: Math.max(0, epsilon), balance });
      },
    }),
});

function importancesOf({ name, models, base, importance }: MergeInput): Importance[] | null {
  if (!importance) return base ? squaredDeltas(models, base) : null;
  const fits =
    importance.length === models.length && importance.every((each) => each.length === models[0]!.length);
  if (fits) return givenImportance(importance);
  throw new ForgeError('AF_MERGE_SHAPE', `The importances of "${name}" do not fit the models.`, {
    at: name,
    fix: 'Give one importance per model, each with as many elements as the tensor, or none at all.',
  });
}
