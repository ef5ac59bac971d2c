import type { MergeInput, MergeMethod } from '../../core/contracts/merge.js';
import { mergeConformance } from '../../testing/index.js';
import { fails, testConformance } from '../support/conformance.js';

function mean({ models, weights }: MergeInput): Float32Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return models[0]!.map((_, i) => models.reduce((sum, model, m) => sum + weights[m]! * model[i]!, 0) / total);
}

const linear: MergeMethod = { arity: { min: 1, max: null }, base: 'unused', merge: mean };

describe('a right method passes', () => {
  testConformance(mergeConformance(() => linear));
});

describe('a wrong method fails, in the case that is about it', () => {
  test.each<[string, string, () => MergeMethod]>([
    [
      'a sum instead of a mean',
      'merging identical models gives the model',
      () => ({
        ...linear,
        merge: ({ models }) => models[0]!.map((_, i) => models.reduce((sum, m) => sum + m[i]!, 0)),
      }),
    ],
    [
      'a method that writes to its input',
      'never writes to its inputs',
      () => ({ ...linear, merge: ({ models }) => models[0]!.fill(1) }),
    ],
    [
      'a division by zero',
      'survives zeros, tiny and huge weights',
      () => ({ ...linear, merge: ({ models }) => models[0]!.map((value) => (value * value) / value) }),
    ],
    [
      'too few numbers',
      'gives as many finite numbers as the tensor has',
      () => ({ ...linear, merge: (input) => mean(input).slice(1) }),
    ],
    [
      'a private counter',
      'gives the same bits for the same seed, whatever the order of the tensors',
      () => {
        let calls = 0;
        return { ...linear, merge: (input) => mean(input).map((value) => value + 1e-7 * calls++) };
      },
    ],
    [
      'a required base that is not missed',
      'keeps its word about the base',
      () => ({ ...linear, base: 'required' }),
    ],
    [
      'an unused base that is used',
      'keeps its word about the base',
      () => ({ ...linear, merge: (input) => input.base ?? mean(input) }),
    ],
    [
      'a role that must be there',
      'needs neither role nor layer',
      () => ({
        ...linear,
        merge: (input) => {
          if (input.role === undefined) throw new Error('no role');
          return mean(input);
        },
      }),
    ],
    [
      'a division by importance',
      'takes importance, also where there is none',
      () => ({
        ...linear,
        merge: (input) =>
          mean(input).map((value, i) =>
            input.importance ? (value * input.importance[0]![i]!) / input.importance[0]![i]! : value,
          ),
      }),
    ],
    [
      'a default out of range',
      'declares parameters whose defaults lie in their ranges',
      () => ({
        ...linear,
        parameters: { t: { scope: 'merge', default: 2, minimum: 0, maximum: 1, description: 'the way' } },
      }),
    ],
    [
      'a division by a parameter that may be 0',
      'stays finite at the ends of the range of every parameter',
      () => ({
        ...linear,
        parameters: { density: { scope: 'model', default: 1, minimum: 0, description: 'share' } },
        merge: (input) => mean(input).map((value) => value / Number(input.modelParameters[0]!['density'])),
      }),
    ],
    [
      'an impossible arity',
      'declares a possible number of models',
      () => ({ ...linear, arity: { min: 3, max: 2 } }),
    ],
  ])('%s', async (_, name, make) => {
    expect(await fails(mergeConformance(make), name)).toBe(true);
  });
});
