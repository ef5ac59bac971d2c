import { defineMerge, type MergeInput } from '../../core/contracts/merge.js';
import { gramOf, slerpOf, slerpVectors, weightedSum } from '../../nn/merging/index.js';
import { mergeMethod } from './shared/method.js';
import { optionsOf, switchParameter } from './shared/parameters.js';

const PARAMETERS = {
  nuslerp_flatten: switchParameter('merge', true, 'Take the whole tensor as one vector'),
  nuslerp_row_wise: switchParameter(
    'merge',
    false,
    'Not flattened: vectors along the first axis instead of the last',
  ),
};

/** Vectors closer to a line than about 1e-6 radians are interpolated straight. */
const COLINEAR = 1 - 5e-13;

/**
 * mergekit's `nuslerp`: spherical interpolation with t = w_2 / (w_1 + w_2), of the models or of their differences to a
 * base, of whole tensors or vector by vector.
 */
export const nuslerp = defineMerge({
  name: 'nuslerp',
  description: 'Spherical interpolation by weights, of two models or their differences to a base',
  options: optionsOf(PARAMETERS),
  create: (options) =>
    mergeMethod({
      name: 'nuslerp',
      arity: { min: 2, max: 2 },
      base: 'optional',
      parameters: PARAMETERS,
      options,
      merge: (input, { nuslerp_flatten: flatten, nuslerp_row_wise: rowWise }) => {
        const t = shareOfSecond(input.weights);
        if (flatten) return alongOneArc(input, t);
        const { models, base, shape } = input;
        const pair = [models[0]!, models[1]!] as const;
        return slerpVectors(pair, base, t, { axis: rowWise ? 'first' : 'last', shape }, COLINEAR);
      },
    }),
});

function alongOneArc({ models, base, out }: MergeInput, t: number): Float32Array {
  const [first, second] = slerpOf(gramOf(models, base), t, COLINEAR);
  if (!base) return weightedSum(models, [first, second], out);
  return weightedSum([base, ...models], [1 - first - second, first, second], out);
}

function shareOfSecond(weights: readonly number[]): number {
  const [first, second] = weights as [number, number];
  return Math.abs(first + second) < 1e-6 ? 0.5 : second / (first + second);
}
