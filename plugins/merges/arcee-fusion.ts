import { defineMerge } from '../../core/contracts/merge.js';
import { fuseImportant } from '../../nn/merging/index.js';
import { mergeMethod, rowLengthOf } from './shared/method.js';
import { optionsOf } from './shared/parameters.js';

const PARAMETERS = {};

/** Takes from the model only what stands out by size and by its effect on the row's distribution. */
export const arceeFusion = defineMerge({
  name: 'arcee-fusion',
  description: 'The base with the elements of a model that differ most in importance',
  options: optionsOf(PARAMETERS),
  create: (options) =>
    mergeMethod({
      name: 'arcee-fusion',
      arity: { min: 1, max: 1 },
      base: 'required',
      parameters: PARAMETERS,
      options,
      merge: ({ models, base, shape }) => fuseImportant(models[0]!, base, rowLengthOf(shape)),
    }),
});
