import { defineMerge } from '../../core/contracts/merge.js';
import { energyShares, mixDeltas, varianceTrim } from '../../nn/merging/index.js';
import { mergeMethod } from './shared/method.js';
import { numberParameter, optionsOf } from './shared/parameters.js';

const PARAMETERS = {
  select_topk: numberParameter(
    'merge',
    1,
    { minimum: 0, maximum: 1 },
    'Share of the elements that takes part: those on which the models differ most',
  ),
};

/**
 * Select, calculate, erase (FuseChat, Wan et al. 2024): elements of large variance, models weighted by the mean square of
 * what is left of their differences, minority signs erased. The weights of the recipe multiply those.
 */
export const sce = defineMerge({
  name: 'sce',
  description: 'Differences to a base where models differ most, weighted by size, where they agree in sign',
  options: optionsOf(PARAMETERS),
  create: (options) =>
    mergeMethod({
      name: 'sce',
      arity: { min: 1, max: null },
      base: 'required',
      parameters: PARAMETERS,
      options,
      merge: ({ models, base, weights, out }, { select_topk: share }) => {
        const trim = varianceTrim(models, share);
        const sizes = energyShares(models, base, trim);
        const vectors = models.map((model, i) => ({
          model,
          weight: sizes[i]! * weights[i]!,
          trim,
          scale: 1,
        }));
        return mixDeltas(base, vectors, { consensus: 'sum', normalize: true, lambda: 1 }, out);
      },
    }),
});
