import type { MergeMethod } from '../../../core/contracts/merge.js';
import { deltasOf, mixDeltas, outlierTrim, type MixSettings } from '../../../nn/merging/index.js';
import { mergeMethod } from './method.js';
import { numberParameter, switchParameter } from './parameters.js';
import { density, lambda, normalize, rescale, taskVector } from './sparse.js';

export const BREADCRUMBS = {
  density: density(1, 'Share of the differences that is kept; at 1 nothing is dropped'),
  gamma: numberParameter('model', 0.01, { minimum: 0, maximum: 1 }, 'Share dropped as outliers: the largest'),
  lambda,
  normalize: normalize(false),
  rescale: rescale(false),
  require_outliers: switchParameter(
    'merge',
    false,
    'Where gamma is less than one element, keep the base (as mergekit does)',
  ),
};

/** Model Breadcrumbs (Davari and Belilovsky 2023), with or without sign consensus. */
export function breadcrumbsMethod(
  name: string,
  options: Readonly<Record<string, unknown>>,
  consensus: MixSettings['consensus'],
): MergeMethod {
  return mergeMethod({
    name,
    arity: { min: 1, max: null },
    base: 'required',
    parameters: BREADCRUMBS,
    options,
    merge: ({ models, base, weights, out }, values) => {
      const requireOutliers = values.require_outliers;
      const vectors = models.map((model, i) => {
        const settings = { density: values.density[i]!, gamma: values.gamma[i]!, requireOutliers };
        const trim = outlierTrim(deltasOf(model, base), settings);
        return taskVector(model, base, weights[i]!, trim, values.rescale);
      });
      return mixDeltas(base, vectors, { ...values, consensus }, out);
    },
  });
}
