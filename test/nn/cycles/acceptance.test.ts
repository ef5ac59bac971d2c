import fc from 'fast-check';
import { acceptance } from '../../../nn/cycles/index.js';
import { comparePaired } from '../../../nn/evaluation/index.js';

/** 100 items of which half are right; so many more are then, and so many of the right ones no longer. */
function changed(gained: number, lost: number): { readonly before: boolean[]; readonly after: boolean[] } {
  const before = Array.from({ length: 100 }, (_, i) => i < 50);
  const after = before.map((right, i) => (i >= 50 ? i < 50 + gained : right && i >= lost));
  return { before, after };
}

const accepted = (gained: number, lost: number): boolean => {
  const { before, after } = changed(gained, lost);
  return acceptance(before, after).accepted;
};

describe('a change', () => {
  test('by hand: three gained items of 100 may be absent from a draw (4.8 %), five are not (.6 %)', () => {
    expect(0.97 ** 100).toBeGreaterThan(0.04);
    expect(0.95 ** 100).toBeLessThan(0.01);
    expect(accepted(3, 0)).toBe(false);
    expect(accepted(5, 0)).toBe(true);
  });

  test('as many lost as gained is none, and a small surplus is not enough', () => {
    expect([accepted(10, 10), accepted(12, 8), accepted(0, 5)]).toEqual([false, false, false]);
    expect(accepted(20, 2)).toBe(true);
  });

  test('by hand: means, gain and its standard error', () => {
    // Differences 1, 0, 0, 1: mean 1/2, s^2 = 4 (1/4) / 3, error sqrt(1/3 / 4).
    const { standardError, gain, ...rest } = acceptance(
      [false, true, false, false],
      [true, true, false, true],
    );
    expect(rest).toEqual({ accepted: false, items: 4, before: 0.25, after: 0.75 });
    expect(standardError).toBeCloseTo(Math.sqrt(1 / 12), 12);
    expect(gain).toEqual(comparePaired([1, 1, 0, 1], [0, 1, 0, 0]).difference);
    expect(gain.value).toBe(0.5);
  });

  test('a single item decides nothing, and none cannot be asked', () => {
    expect(acceptance([0], [1])).toEqual({
      ...{ accepted: false, items: 1, before: 0, after: 1, standardError: null },
      gain: { value: 1, low: null, high: null },
    });
    expect(() => acceptance([], [])).toThrow(RangeError);
    expect(() => acceptance([true], [true, false])).toThrow(RangeError);
  });

  const few = { resamples: 200 };
  const answers = fc.array(fc.boolean(), { minLength: 1, maxLength: 30 });
  const values = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 2, maxLength: 30 });

  test('that answers alike is never accepted', () => {
    fc.assert(
      fc.property(answers, fc.nat(), (right, seed) => {
        const { accepted: kept, gain } = acceptance(right, [...right], { ...few, seed });
        expect([kept, gain.value]).toEqual([false, 0]);
      }),
    );
  });

  test('that moves no mean is never accepted, whatever it moves', () => {
    fc.assert(
      fc.property(answers, fc.nat(), (right, seed) => {
        const all = [...right, ...right.map((one) => !one)];
        const other = all.map((one) => !one);
        expect(acceptance(all, other, { ...few, seed }).accepted).toBe(false);
      }),
    );
  });

  test('for the better on every item is always accepted, for the worse never', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), fc.nat(), (before, by, seed) => {
        const after = before.map((value, i) => value + by * (1 + (i % 3)));
        expect(acceptance(before, after, { ...few, seed }).accepted).toBe(true);
        expect(acceptance(after, before, { ...few, seed }).accepted).toBe(false);
      }),
    );
  });

  test('is judged alike by the same seed', () => {
    fc.assert(
      fc.property(values, fc.nat(), (before, seed) => {
        const after = before.map((value, i) => value + (i % 2 === 0 ? 0.1 : -0.05));
        const again = acceptance(before, after, { ...few, seed });
        expect(acceptance(before, after, { ...few, seed })).toEqual(again);
      }),
    );
    const { before, after } = changed(9, 3);
    const lows = Array.from(
      { length: 20 },
      (_, seed) => acceptance(before, after, { ...few, seed }).gain.low,
    );
    expect(new Set(lows).size).toBeGreaterThan(1);
  });
});
