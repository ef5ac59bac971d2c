import { defineMerge } from '../../core/contracts/merge.js';
import { mixDeltas } from '../../nn/merging/index.js';
import { mergeMethod } from './shared/method.js';
import { numberParameter, optionsOf, switchParameter } from './shared/parameters.js';

const PARAMETERS = {
  lambda: numberParameter('merge', 1, { minimum: 0, maximum: 2 }, 'Factor of the mixed differences'),
  normalize: switchParameter('merge', false, 'Divide by the sum of the weights'),
};

/** theta_0 + lambda * sum_i w_i (theta_i - theta_0) (Ilharco et al. 2023). */
export const taskArithmetic = defineMerge({
  name: 'task-arithmetic',
  description: 'Weighted sum of the differences to a base',
  options: optionsOf(PARAMETERS),
  create: (options) =>
    mergeMethod({
      name: 'task-arithmetic',
      arity: { min: 1, max: null },
      base: 'required',
      parameters: PARAMETERS,
      options,
      elementwise: true,
      merge: ({ models, base, weights, out }, { lambda, normalize }) => {
        const vectors = models.map((model, i) => ({ model, weight: weights[i]!, trim: null, scale: 1 }));
        return mixDeltas(base, vectors, { consensus: null, normalize, lambda }, out);
      },
    }),
});
