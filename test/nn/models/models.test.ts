import type { TensorDescription } from '../../../core/contracts/architecture.js';
import { countParameters, initializeWeights, isHiddenMatrix } from '../../../nn/models/index.js';

const tensors: readonly TensorDescription[] = [
  { name: 'table', shape: [200, 30], role: 'embedding', init: { kind: 'normal', std: 0.02 } },
  { name: 'query', shape: [30, 30], role: 'attention-query', layer: 0, init: { kind: 'normal', std: 0.5 } },
  { name: 'gain', shape: [30], role: 'norm', layer: 0, init: { kind: 'constant', value: 1 } },
  { name: 'start', shape: [5000], role: 'initial-state', init: { kind: 'truncated-normal', std: 3 } },
  { name: 'halt', shape: [30, 1], role: 'halting', init: { kind: 'constant', value: 0 } },
];

function deviation(data: ArrayLike<number>): number {
  const values = Array.from(data);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

describe('fresh weights', () => {
  const weights = initializeWeights(tensors, 42);

  it('have the described shapes and spreads', () => {
    expect(Object.keys(weights)).toEqual(tensors.map(({ name }) => name));
    expect(weights['table']!.shape).toEqual([200, 30]);
    expect(deviation(weights['table']!.data)).toBeCloseTo(0.02, 3);
    expect(Math.abs(deviation(weights['query']!.data) - 0.5)).toBeLessThan(0.05);
    expect(new Set(weights['gain']!.data)).toEqual(new Set([1]));
  });

  it('are cut off at two deviations where they are truncated', () => {
    const { data } = weights['start']!;
    expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(6);
    // A normal distribution cut at two deviations has 0.8796 of its spread left.
    expect(Math.abs(deviation(data) / 3 - 0.8796)).toBeLessThan(0.03);
  });

  it('depend on the seed and on the name of each tensor, and on nothing else', () => {
    expect(initializeWeights(tensors, 42)).toEqual(weights);
    expect(initializeWeights(tensors, 43)['query']!.data).not.toEqual(weights['query']!.data);
    const alone = initializeWeights([tensors[3]!, tensors[1]!], 42);
    expect(alone['query']!.data).toEqual(weights['query']!.data);
    expect(alone['start']!.data).toEqual(weights['start']!.data);
  });
});

describe('tensors by role', () => {
  it('are counted', () => {
    expect(countParameters(tensors)).toBe(6000 + 900 + 30 + 5000 + 30);
  });

  it('know which are hidden matrices', () => {
    expect(tensors.filter(isHiddenMatrix).map(({ name }) => name)).toEqual(['query']);
  });
});
