import * as fc from 'fast-check';
import {
  gramOf,
  karcherCoefficients,
  normalizedMeanCoefficients,
  normOf,
  shares,
  slerpOf,
  slerpVectors,
  weightedSum,
} from '../../../nn/merging/index.js';
import { closeTo, normals } from '../../support/merging.js';

const f32 = (...values: number[]) => Float32Array.from(values);
const SETTINGS = { maxIterations: 10, tolerance: 1e-5 };

const slerp = (a: Float32Array, b: Float32Array, t: number) =>
  weightedSum([a, b], slerpOf(gramOf([a, b]), t));
const karcher = (models: Float32Array[], weights: number[], settings = SETTINGS) =>
  weightedSum(models, karcherCoefficients(gramOf(models), weights, settings));
const norm = (vector: Float32Array) => Math.hypot(...vector);

describe('weighted sums', () => {
  test('any number of terms, over several blocks', () => {
    const vectors = Array.from({ length: 6 }, (_, m) => normals(5001, 1, 'sum', m));
    for (let count = 1; count <= 6; count++) {
      const used = vectors.slice(0, count);
      const factors = used.map((_, m) => 0.3 * m - 0.5);
      const expected = used[0]!.map((_, i) =>
        used.reduce((sum, vector, m) => sum + factors[m]! * vector[i]!, 0),
      );
      expect(weightedSum(used, factors)).toEqual(expected);
    }
  });

  test('terms of coefficient 0 cost nothing; one whole vector is that vector', () => {
    const [a, b] = [f32(1, 2), f32(NaN, NaN)];
    expect(weightedSum([a, b], [1, 0])).toBe(a);
    expect(weightedSum([b, a], [0, 0.5])).toEqual(f32(0.5, 1));
    expect(weightedSum([a, a], [0, 0])).toEqual(f32(0, 0));
  });

  test('shares add up to 1, equal where they cannot', () => {
    expect(shares([1, 3])).toEqual([0.25, 0.75]);
    expect(shares([1, -1])).toEqual([0.5, 0.5]);
  });
});

describe('dot products', () => {
  test.each([1, 2, 3, 4])('%i vectors, with and without a base', (count) => {
    const vectors = Array.from({ length: count }, (_, m) => normals(4099, 1, 'gram', m));
    const base = normals(4099, 1, 'gram-base');
    for (const origin of [undefined, base]) {
      const { dots } = gramOf(vectors, origin);
      vectors.forEach((a, i) => {
        vectors.forEach((b, j) => {
          const expected = a.reduce(
            (sum, x, k) => sum + (x - (origin?.[k] ?? 0)) * (b[k]! - (origin?.[k] ?? 0)),
            0,
          );
          expect(dots[i * count + j]).toBeCloseTo(expected, 2);
        });
      });
    }
  });
});

describe('slerp', () => {
  test('a quarter turn, by hand', () => {
    closeTo(slerp(f32(1, 0), f32(0, 2), 0.5), [Math.SQRT1_2, Math.SQRT2], 6);
  });

  test('the ends are the ends', () => {
    const [a, b] = [f32(1, 0.5, -2), f32(0.3, 2, 1)];
    closeTo(slerp(a, b, 0), a, 7);
    closeTo(slerp(a, b, 1), b, 7);
  });

  test('straight where |cos| is above .9995: the same way, or opposite ways', () => {
    closeTo(slerp(f32(1, 0), f32(3, 0.03), 0.25), [1.5, 0.0075], 7);
    closeTo(slerp(f32(1, 0), f32(-3, 0.03), 0.25), [0, 0.0075], 7);
    const [a, b] = [f32(1, 0), f32(Math.cos(0.04), Math.sin(0.04))];
    expect(norm(slerp(a, b, 0.5))).toBeCloseTo(1, 7);
    expect(norm(slerp(a, f32(Math.cos(0.03), Math.sin(0.03)), 0.5))).toBeCloseTo(Math.cos(0.015), 6);
  });

  test('a vector without length: straight, not .707 of the other', () => {
    closeTo(slerp(f32(0, 0), f32(0, 2), 0.5), [0, 1], 7);
    closeTo(slerp(f32(0, 2), f32(0, 0), 0.25), [0, 1.5], 7);
    closeTo(slerp(f32(0, 0), f32(0, 0), 0.5), [0, 0], 7);
  });

  test('keeps the length of vectors of one length, and turns evenly', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 3, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (angle, t) => {
          const merged = slerp(f32(1, 0), f32(Math.cos(angle), Math.sin(angle)), t);
          closeTo(merged, [Math.cos(t * angle), Math.sin(t * angle)], 4);
        },
      ),
    );
  });
});

describe('Karcher mean', () => {
  test('three axes of lengths 1, 2, 3, by hand', () => {
    closeTo(karcher([f32(1, 0, 0), f32(0, 2, 0), f32(0, 0, 3)], [1, 1, 1]), [1.1547, 1.1547, 1.1547], 4);
  });

  test('two models: the same as slerp by the share of the second', () => {
    const [a, b] = [f32(1, 0, 0), f32(0, 1, 0)];
    closeTo(karcher([a, b], [3, 1]), slerp(a, b, 0.25), 5);
  });

  test('does not depend on the order', () => {
    const models = [0, 1, 2, 3].map((m) => normals(50, 1, 'order', m));
    const weights = [1, 2, 0.5, 1];
    const reversed = karcher([...models].reverse(), [...weights].reverse(), {
      maxIterations: 100,
      tolerance: 1e-9,
    });
    closeTo(karcher(models, weights, { maxIterations: 100, tolerance: 1e-9 }), reversed, 5);
  });

  test('is where the weighted tangents balance', () => {
    const models = [0, 1, 2].map((m) => normals(30, 1, 'tangent', m));
    const weights = [0.5, 0.3, 0.2];
    const merged = karcher(models, weights, { maxIterations: 200, tolerance: 1e-10 });
    const mean = Array.from(merged, (each) => each / norm(merged));
    const pull = mean.map(() => 0);
    models.forEach((model, m) => {
      const unit = Array.from(model, (each) => each / norm(model));
      const cosine = unit.reduce((sum, each, i) => sum + each * mean[i]!, 0);
      const angle = Math.acos(cosine);
      unit.forEach(
        (each, i) => (pull[i]! += (weights[m]! * angle * (each - cosine * mean[i]!)) / Math.sin(angle)),
      );
    });
    expect(Math.hypot(...pull)).toBeLessThan(1e-5);
    const lengths = models.reduce((sum, model, m) => sum + weights[m]! * norm(model), 0);
    expect(norm(merged)).toBeCloseTo(lengths, 5);
  });

  test('nothing to turn: opposite, zero, and identical vectors', () => {
    closeTo(karcher([f32(1, 0), f32(-3, 0)], [1, 1]), [-1, 0], 6);
    closeTo(karcher([f32(0, 0), f32(0, 0)], [1, 1]), [0, 0], 6);
    closeTo(karcher([f32(0, 0), f32(2, 4)], [1, 1]), [1, 2], 6);
    closeTo(karcher([f32(1, 2), f32(1, 2), f32(1, 2)], [1, 5, 2]), [1, 2], 6);
    closeTo(karcher([f32(1, 0), f32(1, 0), f32(-1, 0)], [1, 1, 1]), [1, 0], 6);
    closeTo(
      karcher([f32(1, 0), f32(0, 1)], [1, 1], { maxIterations: 0, tolerance: 0 }),
      [Math.SQRT1_2, Math.SQRT1_2],
      6,
    );
  });
});

describe('normalised mean', () => {
  const mean = (models: Float32Array[], weights: number[]) =>
    weightedSum(models, normalizedMeanCoefficients(gramOf(models), weights, 1e-8));

  test('the direction of the weighted unit vectors, the weighted length', () => {
    closeTo(mean([f32(1, 0), f32(0, 3)], [0.5, 0.5]), [Math.SQRT2, Math.SQRT2], 6);
    closeTo(mean([f32(2, 0), f32(0, 2)], [0.6, 0.8]), [1.68, 2.24], 6);
  });

  test('without a direction: the weighted sum', () => {
    closeTo(mean([f32(1, 0), f32(-3, 0)], [0.5, 0.5]), [-1, 0], 6);
    closeTo(mean([f32(0, 0), f32(0, 0)], [0.5, 0.5]), [0, 0], 6);
    closeTo(mean([f32(0, 0), f32(0, 4)], [0.5, 0.5]), [0, 2], 6);
  });
});

describe('vector by vector', () => {
  const [a, b] = [normals(12, 1, 'va'), normals(12, 1, 'vb')];
  const shape = [3, 4];
  const pick = (vector: Float32Array, indices: readonly number[]) =>
    Float32Array.from(indices, (i) => vector[i]!);
  const last = [0, 1, 2].map((row) => [0, 1, 2, 3].map((k) => row * 4 + k));
  const first = [0, 1, 2, 3].map((column) => [0, 1, 2].map((row) => row * 4 + column));

  test.each([
    ['last', last],
    ['first', first],
  ] as const)('along the %s axis, each vector on its own arc', (axis, vectors) => {
    const base = normals(12, 1, 'vbase');
    for (const origin of [undefined, base]) {
      const merged = slerpVectors([a, b], origin, 0.3, { axis, shape }, 0.9995);
      for (const indices of vectors) {
        const start = origin ? pick(origin, indices) : new Float32Array(indices.length);
        const [u, v] = [a, b].map((each) => pick(each, indices).map((x, i) => x - start[i]!));
        closeTo(
          pick(merged, indices),
          slerp(u!, v!, 0.3).map((x, i) => x + start[i]!),
          5,
        );
      }
    }
  });

  test('a tensor of one axis is one vector, whichever axis is asked for', () => {
    const flat = slerp(a, b, 0.3);
    for (const axis of ['first', 'last'] as const) {
      closeTo(slerpVectors([a, b], undefined, 0.3, { axis, shape: [12] }, 0.9995), flat, 6);
    }
  });
});

test('norms come from the diagonal', () => {
  const gram = gramOf([f32(3, 4), f32(0, 1)]);
  expect([normOf(gram, 0), normOf(gram, 1)]).toEqual([5, 1]);
});
