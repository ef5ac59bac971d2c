import { defineMerge } from '../../core/contracts/merge.js';
import { weightedSum } from '../../nn/merging/index.js';
import { mergeMethod } from './shared/method.js';
import { numberParameter, optionsOf } from './shared/parameters.js';

const PARAMETERS = {
  scale: numberParameter('model', 1, {}, 'Factor of the tensor'),
};

/** One model's tensor as it is, or times a factor: what stacked layers are made of. */
export const passthrough = defineMerge({
  name: 'passthrough',
  description: 'The tensor of one model, unchanged or scaled',
  options: optionsOf(PARAMETERS),
  create: (options) =>
    mergeMethod({
      name: 'passthrough',
      arity: { min: 1, max: 1 },
      base: 'unused',
      parameters: PARAMETERS,
      options,
      elementwise: true,
      merge: ({ models, out }, { scale }) => weightedSum(models, scale, out),
    }),
});
