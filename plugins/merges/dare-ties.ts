import { defineMerge } from '../../contracts/merge.js';
import { DARE, dareMethod } from './common/dare.js';
import { optionsOf } from './common/parameters.js';

/** mergekit's `dare_ties`: random differences, rescaled to their L1 norm, with the sign consensus of TIES. */
export const dareTies = defineMerge({
  name: 'dare-ties',
  description: 'Random differences to a base, rescaled to their L1 norm, where models agree in sign',
  options: optionsOf(DARE),
  create: (options) => dareMethod('dare-ties', options, 'sum'),
});
