import type { MergeMethod } from '../../../core/contracts/merge.js';
import { bernoulliMask, maskTrim, mixDeltas, type MixSettings } from '../../../nn/merging/index.js';
import { maskKeys, density, lambda, normalize, rescale, taskVector } from './sparse.js';
import { mergeMethod } from './method.js';

/** As mergekit sets them; the plugin `dare` is the paper's. */
export const DARE = {
  density: density(1, 'Probability that a difference is kept'),
  lambda,
  normalize: normalize(false),
  rescale: rescale(true),
};

/** Randomly kept differences (Yu et al. 2024) rescaled to their L1 norm, with or without sign consensus. */
export function dareMethod(
  name: string,
  options: Readonly<Record<string, unknown>>,
  consensus: MixSettings['consensus'],
): MergeMethod {
  return mergeMethod({
    name,
    arity: { min: 1, max: null },
    base: 'required',
    parameters: DARE,
    options,
    merge: ({ models, base, weights, random, out }, values) => {
      const keys = maskKeys(random, models.length);
      const vectors = models.map((model, i) => {
        const kept = values.density[i]!;
        const trim = kept < 1 ? maskTrim(bernoulliMask(model.length, kept, keys[i]!)) : null;
        return taskVector(model, base, weights[i]!, trim, values.rescale);
      });
      return mixDeltas(base, vectors, { ...values, consensus }, out);
    },
  });
}
