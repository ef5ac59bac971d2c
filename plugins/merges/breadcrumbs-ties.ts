import { defineMerge } from '../../core/contracts/merge.js';
import { BREADCRUMBS, breadcrumbsMethod } from './shared/breadcrumbs.js';
import { optionsOf } from './shared/parameters.js';

/** Model Breadcrumbs (Davari and Belilovsky 2023) with the sign consensus of TIES. */
export const breadcrumbsTies = defineMerge({
  name: 'breadcrumbs-ties',
  description: 'Differences to a base without outliers and small ones, where models agree in sign',
  options: optionsOf(BREADCRUMBS),
  create: (options) => breadcrumbsMethod('breadcrumbs-ties', options, 'sum'),
});
