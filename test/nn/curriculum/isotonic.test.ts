import fc from 'fast-check';
import { fitNonIncreasing, poolNonIncreasing } from '../../../nn/curriculum/index.js';

const point = (value: number, weight = 1) => ({ value, weight });

test('by hand: 1, .6, .8, .4 pools the two that rise', () => {
  expect(fitNonIncreasing([point(1), point(0.6), point(0.8), point(0.4)])).toEqual([1, 0.7, 0.7, 0.4]);
});

test('by hand: weights 1 and 3 pull the pool towards the heavier', () => {
  expect(fitNonIncreasing([point(0.4, 1), point(0.8, 3)])).toEqual(
    [0.7, 0.7].map((value) => expect.closeTo(value, 12)),
  );
});

test('a late rise pools back over what was pooled before', () => {
  // .5 and .7 give .6, then .9 gives (1.2 + .9) / 3 = .7.
  const fit = fitNonIncreasing([point(0.5), point(0.7), point(0.9)]);
  for (const value of fit) expect(value).toBeCloseTo(0.7, 12);
});

test('equal neighbours stay apart', () => {
  expect(poolNonIncreasing([point(1), point(1), point(0)])).toHaveLength(3);
});

test.each([point(Number.NaN), point(1, 0), point(1, -1), point(1, Infinity)])('%j is refused', (wrong) => {
  expect(() => fitNonIncreasing([wrong])).toThrow(RangeError);
});

const points = fc.array(
  fc.record({ value: fc.double({ min: 0, max: 1, noNaN: true }), weight: fc.integer({ min: 1, max: 50 }) }),
  { minLength: 1, maxLength: 20 },
);

test('never rises, keeps the weighted mean, and is its own fit', () => {
  fc.assert(
    fc.property(points, (given) => {
      const fit = fitNonIncreasing(given);
      fit.slice(1).forEach((value, place) => expect(value).toBeLessThanOrEqual(fit[place]!));
      const mean = (values: readonly number[]) =>
        values.reduce((sum, value, place) => sum + value * given[place]!.weight, 0);
      expect(mean(fit)).toBeCloseTo(mean(given.map(({ value }) => value)), 8);
      expect(fitNonIncreasing(fit.map((value, place) => point(value, given[place]!.weight)))).toEqual(fit);
    }),
  );
});

test('no other values that never rise are nearer', () => {
  const step = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(points, fc.array(step, { minLength: 20, maxLength: 20 }), (given, steps) => {
      const other = steps.slice(0, given.length).sort((a, b) => b - a);
      const distance = (values: readonly number[]) =>
        values.reduce(
          (sum, value, place) => sum + given[place]!.weight * (value - given[place]!.value) ** 2,
          0,
        );
      expect(distance(fitNonIncreasing(given))).toBeLessThanOrEqual(distance(other) + 1e-9);
    }),
  );
});
