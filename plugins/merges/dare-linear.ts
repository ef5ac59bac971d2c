import { defineMerge } from '../../core/contracts/merge.js';
import { DARE, dareMethod } from './shared/dare.js';
import { optionsOf } from './shared/parameters.js';

/** mergekit's `dare_linear`: random differences, rescaled to their L1 norm, weighted and summed. */
export const dareLinear = defineMerge({
  name: 'dare-linear',
  description: 'Weighted sum of random differences to a base, rescaled to their L1 norm',
  options: optionsOf(DARE),
  create: (options) => dareMethod('dare-linear', options, null),
});
