import { defineMerge } from '../../core/contracts/merge.js';
import { dellaMethod, dellaParameters } from './shared/della.js';
import { optionsOf } from './shared/parameters.js';

const PARAMETERS = dellaParameters(false);

/** mergekit's `della_linear`: the trimming of DELLA (Deep et al. 2024) without sign consensus. */
export const dellaLinear = defineMerge({
  name: 'della-linear',
  description: 'Weighted sum of differences to a base kept by size and chance',
  options: optionsOf(PARAMETERS),
  create: (options) => dellaMethod('della-linear', PARAMETERS, options, null),
});
