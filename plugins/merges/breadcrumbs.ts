import { defineMerge } from '../../core/contracts/merge.js';
import { BREADCRUMBS, breadcrumbsMethod } from './shared/breadcrumbs.js';
import { optionsOf } from './shared/parameters.js';

/** Model Breadcrumbs (Davari and Belilovsky 2023): the largest differences go as outliers, the smallest as noise. */
export const breadcrumbs = defineMerge({
  name: 'breadcrumbs',
  description: 'Sum of the differences to a base without outliers and small ones',
  options: optionsOf(BREADCRUMBS),
  create: (options) => breadcrumbsMethod('breadcrumbs', options, null),
});
