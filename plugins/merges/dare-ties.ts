import { defineMerge } from '../../core/contracts/merge.js';
import { DARE, dareMethod } from './shared/dare.js';
import { optionsOf } from './shared/parameters.js';

/** mergekit's `dare_ties`: random differences, rescaled to their L1 norm, with the sign consensus of TIES. */
export const dareTies = defineMerge({
  name: 'dare-ties',
  description: 'Random differences to a base, rescaled to their L1 norm, where models agree in sign',
  options: optionsOf(DARE),
  create: (options) => dareMethod('dare-ties', options, 'sum'),
});
