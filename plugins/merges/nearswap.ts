import { defineMerge } from '../../core/contracts/merge.js';
import { mergeMethod } from './shared/method.js';
import { numberParameter, optionsOf } from './shared/parameters.js';

// Bound once: a global looked up per element is slow where globals are proxied, as under jest.
const { max, min } = Math;

const PARAMETERS = {
  t: numberParameter('merge', 1e-4, { minimum: 0 }, 'Differences up to this are taken over whole'),
};

/** theta_0 + min(1, t / |theta - theta_0|) * (theta - theta_0): where the two are near, the model; where not, the base. */
export const nearswap = defineMerge({
  name: 'nearswap',
  description: 'The base moved towards a model by at most t in each element',
  options: optionsOf(PARAMETERS),
  create: (options) =>
    mergeMethod({
      name: 'nearswap',
      arity: { min: 1, max: 1 },
      base: 'required',
      parameters: PARAMETERS,
      options,
      elementwise: true,
      merge: ({ models, base }, { t }) => movedBy(max(0, t), base, models[0]!),
    }),
});

function movedBy(t: number, base: Float32Array, model: Float32Array): Float32Array {
  const out = new Float32Array(base.length);
  for (let i = 0; i < out.length; i++) {
    const delta = model[i]! - base[i]!;
    out[i] = base[i]! + min(max(delta, -t), t);
  }
  return out;
}
