import fc from 'fast-check';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import {
  askCmaEs,
  defaultPopulation,
  innerProduct,
  spreadOf,
  startCmaEs,
  symmetricEigen,
  tellCmaEs,
  uniformShares,
} from '../../../nn/evolution/index.js';
import { stream } from '../../../nn/random/index.js';

function minimise(f: (x: number[]) => number, start: number[], generations: number, seed = 1) {
  let state = startCmaEs(start, 0.5);
  for (let g = 0; g < generations; g++) {
    const points = askCmaEs(state, defaultPopulation(start.length), stream(seed, 'cma', g));
    state = tellCmaEs(
      state,
      [...points].sort((a, b) => f(a) - f(b)),
    );
  }
  return state;
}

const sphere = (x: readonly number[]): number => x.reduce((sum, value) => sum + (value - 1) ** 2, 0);
/** Axes of very different lengths, turned by 45 degrees in every plane of neighbours. */
const ellipsoid = (x: readonly number[]): number =>
  x.reduce(
    (sum, value, i) => sum + 10 ** ((3 * i) / (x.length - 1)) * (value + x[(i + 1) % x.length]!) ** 2,
    0,
  );

describe('CMA-ES', () => {
  test('default populations are those of the tutorial', () => {
    expect([2, 10, 27].map(defaultPopulation)).toEqual([6, 10, 13]);
  });

  test('finds the minimum of a sphere', () => {
    const { mean, sigma } = minimise(sphere, [0, 0, 0, 0, 0], 120);
    expect(sphere(mean)).toBeLessThan(1e-8);
    expect(sigma).toBeLessThan(1e-3);
  });

  test('learns the shape of a turned ellipsoid', () => {
    expect(ellipsoid(minimise(ellipsoid, [1, 2, -1, 0.5, 1], 300).mean)).toBeLessThan(1e-6);
  });

  test('the step size grows on a slope', () => {
    expect(minimise((x) => x[0]!, [0, 0, 0], 30).sigma).toBeGreaterThan(2);
  });

  test('does not change its state and repeats itself', () => {
    const state = startCmaEs([0, 0], 0.5);
    const frozen = structuredClone(state);
    const points = askCmaEs(state, 6, stream(3, 'x'));
    expect(tellCmaEs(state, points)).toEqual(tellCmaEs(structuredClone(frozen), points));
    expect(state).toEqual(frozen);
    expect(askCmaEs(state, 6, stream(3, 'x'))).toEqual(points);
  });
});

test('eigenvectors are orthonormal and give the matrix again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 1e6 }), (n, seed) => {
      const random = stream(seed, 'eigen');
      const half = Array.from({ length: n }, () => Array.from({ length: n }, () => random.normal()));
      const matrix = half.map((row, i) => row.map((value, j) => value + half[j]![i]!));
      const { values, vectors } = symmetricEigen(matrix);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const again = values.reduce((sum, value, k) => sum + vectors[i]![k]! * value * vectors[j]![k]!, 0);
          const product = vectors.reduce((sum, row) => sum + row[i]! * row[j]!, 0);
          expect(again).toBeCloseTo(matrix[i]![j]!, 8);
          expect(product).toBeCloseTo(i === j ? 1 : 0, 8);
        }
      }
    }),
  );
});

test('random shares are not negative, sum to one, and are uniform on the simplex', () => {
  const draws = Array.from({ length: 4000 }, (_, i) => uniformShares(3, stream(i, 'shares')));
  for (const shares of draws) {
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  }
  // Of Dirichlet(1, 1, 1) each share has mean 1/3 and is above 1/2 with probability 1/4.
  const first = draws.map((shares) => shares[0]!);
  expect(first.reduce((sum, share) => sum + share, 0) / first.length).toBeCloseTo(1 / 3, 1);
  expect(first.filter((share) => share > 0.5).length / first.length).toBeCloseTo(0.25, 1);
});

const model = (...data: number[]): TensorDict => ({
  a: { shape: [2], dtype: 'float32', data: Float32Array.from(data.slice(0, 2)) },
  b: { shape: [data.length - 2], dtype: 'float32', data: Float32Array.from(data.slice(2)) },
});
const products = (models: TensorDict[]) => models.map((x) => models.map((y) => innerProduct(x, y)));

test('distances of models from their inner products', () => {
  const models = [model(0, 0, 0), model(3, 4, 0), model(0, 0, 12)];
  expect(products(models)[1]).toEqual([0, 25, 0]);
  // 5, 12 and 13; the zero model has no direction, the others are orthogonal.
  expect(spreadOf(products(models)).distance).toBeCloseTo(10, 12);
  expect(spreadOf(products(models.slice(1))).cosine).toBe(1);
});

test('identical models are no distance apart, exactly', () => {
  const same = model(0.1, -0.7, 1 / 3);
  expect(spreadOf(products([same, same, same]))).toEqual({ distance: 0, cosine: expect.closeTo(0, 12) });
});
