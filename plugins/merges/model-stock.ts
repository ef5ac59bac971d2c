import { defineMerge } from '../../core/contracts/merge.js';
import { gramOf, normOf, shares, weightedSum, type Gram } from '../../nn/merging/index.js';
import { mergeMethod, type BasedInput, rowLengthOf } from './shared/method.js';
import { optionsOf, switchParameter } from './shared/parameters.js';

const PARAMETERS = {
  filter_wise: switchParameter('merge', false, 'A ratio for each row (last axis) instead of one per tensor'),
};

/**
 * Model Stock (Jang et al. 2024): t * mean + (1 - t) * theta_0 with t = N c / (1 + (N-1) c), c the mean cosine of all
 * pairs of differences to the base; the centre of the models is the closer to their mean the more they agree.
 */
export const modelStock = defineMerge({
  name: 'model-stock',
  description: 'Between the base and the mean of the models, by how much they agree',
  options: optionsOf(PARAMETERS),
  create: (options) =>
    mergeMethod({
      name: 'model-stock',
      arity: { min: 2, max: null },
      base: 'required',
      parameters: PARAMETERS,
      options,
      merge: (input, { filter_wise: filterWise }) =>
        filterWise ? rowByRow(input, rowLengthOf(input.shape)) : towardsMean(input),
    }),
});

type Rows = Pick<BasedInput, 'models' | 'base' | 'weights' | 'out'>;

function towardsMean({ models, base, weights, out }: Rows): Float32Array {
  const ratio = ratioOf(gramOf(models, base));
  const factors = shares(weights).map((share) => share * ratio);
  return weightedSum([base, ...models], [1 - ratio, ...factors], out);
}

function rowByRow({ models, base, weights, out }: BasedInput, rowLength: number): Float32Array {
  const merged = out ?? new Float32Array(base.length);
  for (let start = 0; start < merged.length; start += rowLength) {
    const row = (values: Float32Array) => values.subarray(start, start + rowLength);
    merged.set(towardsMean({ models: models.map(row), base: row(base), weights }), start);
  }
  return merged;
}

/** t; 0 (the base) where the differences cancel each other out. */
function ratioOf(gram: Gram): number {
  const count = gram.size;
  let sum = 0;
  for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) sum += cosine(gram, i, j);
  const mean = (2 * sum) / (count * (count - 1));
  const divisor = 1 + (count - 1) * mean;
  return divisor > 1e-6 ? (count * mean) / divisor : 0;
}

/** 0 where a model does not differ from the base. */
function cosine(gram: Gram, i: number, j: number): number {
  const lengths = normOf(gram, i) * normOf(gram, j);
  return lengths > 0 ? gram.dots[i * gram.size + j]! / lengths : 0;
}
