import fc from 'fast-check';
import { comparePaired, compareWithEach, mcNemarCounts } from '../../../nn/evaluation/index.js';
import { stream } from '../../../nn/random/index.js';

const few = { resamples: 200 };
const arms = fc
  .integer({ min: 2, max: 20 })
  .chain((items) =>
    fc.tuple(
      fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: items, maxLength: items }),
      fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: items, maxLength: items }),
    ),
  );

describe('two arms on the same items', () => {
  test('two items have three possible draws: the bounds are those of the outer ones', () => {
    // Differences 1 and 0: the mean of a draw is 0, 1/2 or 1 with odds 1 : 2 : 1, so 2.5 % on each side are 0 and 1.
    const { items, first, second, difference } = comparePaired([1, 1], [0, 1]);
    expect({ items, first, second }).toEqual({ items: 2, first: 1, second: 0.5 });
    expect(difference).toEqual({ value: 0.5, low: 0, high: 1 });
  });

  test('of many items the interval is that of the normal distribution', () => {
    // 400 items, differences +1, 0, -1 for 160, 200, 40: mean 0.3, variance 0.5 - 0.09; error sqrt(0.41 / 400).
    const first = Array.from({ length: 400 }, (_, i) => (i < 160 || i >= 260 ? 1 : 0));
    const second = Array.from({ length: 400 }, (_, i) => (i >= 220 ? 1 : 0));
    expect(first.map((a, i) => a - second[i]!).filter((d) => d === 1)).toHaveLength(160);
    const { value, low, high } = comparePaired(first, second).difference;
    expect(value).toBeCloseTo(0.3, 12);
    const margin = 1.96 * Math.sqrt(0.41 / 400);
    expect(Math.abs(low! - (0.3 - margin))).toBeLessThan(0.006);
    expect(Math.abs(high! - (0.3 + margin))).toBeLessThan(0.006);
  });

  test('pairing is what makes it sharp: a constant gain among scattered items has no width', () => {
    const random = stream(3, 'scatter');
    const second = Array.from({ length: 50 }, () => 64 * random.integer(100));
    const { difference } = comparePaired(
      second.map((value) => value + 0.25),
      second,
    );
    expect(difference).toEqual({ value: 0.25, low: 0.25, high: 0.25 });
  });

  test('the true difference lies in about 95 % of the intervals', () => {
    let held = 0;
    for (let trial = 0; trial < 200; trial++) {
      const random = stream(trial, 'trial');
      const first = Array.from({ length: 60 }, () => Number(random.uniform() < 0.7));
      const second = Array.from({ length: 60 }, () => Number(random.uniform() < 0.5));
      const { low, high } = comparePaired(first, second, { resamples: 400, seed: trial }).difference;
      if (low! <= 0.2 && 0.2 <= high!) held++;
    }
    expect(held / 200).toBeGreaterThan(0.89);
    expect(held / 200).toBeLessThan(0.99);
  });

  test('identical arms do not differ at all', () => {
    fc.assert(
      fc.property(arms, ([first]) => {
        expect(comparePaired(first, [...first], few).difference).toEqual({ value: 0, low: 0, high: 0 });
      }),
      { numRuns: 30 },
    );
  });

  test('in the other order everything changes its sign; the interval holds the difference', () => {
    fc.assert(
      fc.property(arms, fc.nat(), ([first, second], seed) => {
        const { value, low, high } = comparePaired(first, second, { ...few, seed }).difference;
        const back = comparePaired(second, first, { ...few, seed }).difference;
        expect([back.value + value, back.low! + high!, back.high! + low!]).toEqual([0, 0, 0]);
        expect(low!).toBeLessThanOrEqual(value);
        expect(high!).toBeGreaterThanOrEqual(value);
      }),
      { numRuns: 30 },
    );
  });

  test('the same seed gives the same bounds, another seed others', () => {
    const random = stream(1, 'values');
    const first = Array.from({ length: 30 }, () => random.normal());
    const second = Array.from({ length: 30 }, () => random.normal());
    const bounds = (seed?: number): unknown =>
      comparePaired(first, second, seed === undefined ? {} : { seed }).difference;
    expect(bounds(7)).toEqual(bounds(7));
    expect(bounds()).toEqual(bounds(0));
    expect(bounds(8)).not.toEqual(bounds(7));
  });

  test('one item has no interval, none nothing, and arms of different sizes are not paired', () => {
    expect(comparePaired([1], [0]).difference).toEqual({ value: 1, low: null, high: null });
    expect(() => comparePaired([], [])).toThrow(RangeError);
    expect(() => comparePaired([1, 2], [1])).toThrow(RangeError);
  });
});

test('one against many is each of them by itself', () => {
  const first = [1, 1, 0, 1, 0, 1];
  const others = { a: [0, 1, 0, 0, 0, 1], b: [1, 1, 1, 1, 1, 1] };
  const all = compareWithEach(first, others, { seed: 4 });
  expect(Object.keys(all)).toEqual(['a', 'b']);
  expect(all.a).toEqual(comparePaired(first, others.a, { seed: 4 }));
  expect(all.b).toEqual(comparePaired(first, others.b, { seed: 4 }));
  expect(compareWithEach(first, {})).toEqual({});
});

test('who was right where', () => {
  const first = [true, true, true, false, false, false];
  const second = [true, false, false, true, false, false];
  expect(mcNemarCounts(first, second)).toEqual({ both: 1, firstOnly: 2, secondOnly: 1, neither: 2 });
  expect(mcNemarCounts([], [])).toEqual({ both: 0, firstOnly: 0, secondOnly: 0, neither: 0 });
  expect(() => mcNemarCounts([true], [])).toThrow(RangeError);
});
