import { Type } from '@sinclair/typebox';
import { defineMerge } from '../../core/contracts/merge.js';
import { withDefault } from '../../core/contracts/options.js';
import { deltasOf, magnitudeTrim, mixDeltas } from '../../nn/merging/index.js';
import { mergeMethod } from './shared/method.js';
import { optionsOf } from './shared/parameters.js';
import { density, lambda, normalize, rescale, taskVector } from './shared/sparse.js';

const PARAMETERS = {
  density: density(0.2, 'Share of the differences that is kept: the largest'),
  lambda,
  normalize: normalize(true),
  rescale: rescale(false),
};

const Consensus = Type.Union([Type.Literal('sum'), Type.Literal('count')], {
  description: 'Which sign wins: that of the weighted sum, or that of more models',
});

/** Trim, elect sign and merge (Yadav et al. 2023). */
export const ties = defineMerge({
  name: 'ties',
  description: 'Mean of the largest differences to a base that agree in sign',
  options: optionsOf(PARAMETERS, { consensus: withDefault(Consensus, 'sum') }),
  create: (options) =>
    mergeMethod({
      name: 'ties',
      arity: { min: 1, max: null },
      base: 'required',
      parameters: PARAMETERS,
      options,
      merge: ({ models, base, weights, out }, values) => {
        const vectors = models.map((model, i) => {
          const trim = magnitudeTrim(deltasOf(model, base), values.density[i]!);
          return taskVector(model, base, weights[i]!, trim, values.rescale);
        });
        return mixDeltas(base, vectors, { ...values, consensus: options.consensus }, out);
      },
    }),
});
