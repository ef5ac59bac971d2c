import { defineMerge } from '../../core/contracts/merge.js';
import { dellaMethod, dellaParameters } from './shared/della.js';
import { optionsOf } from './shared/parameters.js';

const PARAMETERS = dellaParameters(true);

/** DELLA (Deep et al. 2024): large differences are kept more often, then the sign consensus of TIES. */
export const della = defineMerge({
  name: 'della',
  description: 'Differences to a base kept by size and chance, where models agree in sign',
  options: optionsOf(PARAMETERS),
  create: (options) => dellaMethod('della', PARAMETERS, options, 'sum'),
});
