import type { MergeMethod } from '../../../core/contracts/merge.js';
import { maskTrim, mixDeltas, rankedMask, type MixSettings, type Trim } from '../../../nn/merging/index.js';
import type { StreamKey } from '../../../nn/random/index.js';
import { maskKeys, density, lambda, normalize, rescale, taskVector } from './sparse.js';
import { mergeMethod, type BasedInput, rowLengthOf } from './method.js';
import { numberParameter } from './parameters.js';

/** As mergekit sets them, which normalises with sign consensus only. */
export const dellaParameters = (normalized: boolean) => ({
  density: density(1, 'Mean probability that a difference is kept; at 1 nothing is dropped'),
  epsilon: numberParameter(
    'model',
    0.15,
    { minimum: 0, maximum: 0.5 },
    'The smallest difference of a row is kept with density - epsilon, the largest with density + epsilon; as far as both are probabilities',
  ),
  lambda,
  normalize: normalize(normalized),
  rescale: rescale(true),
});

/** DELLA (Deep et al. 2024): larger differences are kept more often; with or without sign consensus. */
export function dellaMethod(
  name: string,
  parameters: ReturnType<typeof dellaParameters>,
  options: Readonly<Record<string, unknown>>,
  consensus: MixSettings['consensus'],
): MergeMethod {
  return mergeMethod({
    name,
    arity: { min: 1, max: null },
    base: 'required',
    parameters,
    options,
    merge: (input, values) => {
      const { models, base, weights } = input;
      const keys = maskKeys(input.random, models.length);
      const vectors = models.map((model, i) => {
        const trim = rankedTrim(input, model, [values.density[i]!, values.epsilon[i]!], keys[i]!);
        return taskVector(model, base, weights[i]!, trim, values.rescale);
      });
      return mixDeltas(base, vectors, { ...values, consensus }, input.out);
    },
  });
}

/** Null (keep everything) at density 1; at 0 nothing is kept. Epsilon is cut down to what leaves probabilities. */
function rankedTrim(
  { base, shape }: BasedInput,
  model: Float32Array,
  [kept, epsilon]: readonly [number, number],
  key: StreamKey,
): Trim | null {
  if (kept >= 1) return null;
  if (kept <= 0) return maskTrim(new Uint8Array(model.length));
  const spread = Math.min(Math.max(0, epsilon), kept, 1 - kept);
  const settings = { density: kept, epsilon: spread, rowLength: rowLengthOf(shape) };
  return maskTrim(rankedMask(model, base, settings, key));
}
