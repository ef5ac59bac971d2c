import { ratioEstimate, studentQuantile, wilsonEstimate } from '../../../nn/evaluation/index.js';

describe('quantiles of t', () => {
  // Printed tables, three decimals.
  test.each([
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [5, 2.571],
    [10, 2.228],
    [29, 2.045],
    [30, 2.042],
    [60, 2.0],
    [120, 1.98],
    [1_000_000, 1.96],
  ])('%d degrees of freedom', (freedom, expected) => {
    expect(studentQuantile(freedom)).toBeCloseTo(expected, 3);
  });

  test('one degree is the Cauchy distribution: tan(0.95 pi / 2)', () => {
    expect(studentQuantile(1)).toBeCloseTo(Math.tan((0.95 * Math.PI) / 2), 8);
  });

  test('two degrees have a closed form: t = sqrt(2) c / sqrt(1 - c^2) with c = 0.95', () => {
    expect(studentQuantile(2)).toBeCloseTo((Math.SQRT2 * 0.95) / Math.sqrt(1 - 0.95 ** 2), 8);
  });

  test('it meets the normal distribution without a jump', () => {
    expect(studentQuantile(199_999)).toBeCloseTo(studentQuantile(200_000), 4);
  });
});

describe('a mean over units', () => {
  test('of equal size: the t interval of their means', () => {
    // Means 1, 2, 3, 4, 5: mean 3, deviation sqrt(2.5), error sqrt(2.5 / 5), t(4) = 2.776445.
    const units = [1, 2, 3, 4, 5].map((mean) => ({ sum: 10 * mean, count: 10 }));
    const { value, low, high } = ratioEstimate(units);
    expect(value).toBe(3);
    expect(high! - 3).toBeCloseTo(2.776445 * Math.sqrt(0.5), 5);
    expect(3 - low!).toBeCloseTo(2.776445 * Math.sqrt(0.5), 5);
  });

  test('of different size: over all things, not over units', () => {
    // R = 10/4; residuals 4 - 2.5 = 1.5 and 6 - 7.5 = -1.5; error sqrt(2 * 4.5) / 4 = 0.75; t(1) = 12.7062.
    const { value, low, high } = ratioEstimate([
      { sum: 4, count: 1 },
      { sum: 6, count: 3 },
    ]);
    expect(value).toBe(2.5);
    expect(high).toBeCloseTo(2.5 + 12.7062 * 0.75, 3);
    expect(low).toBeCloseTo(2.5 - 12.7062 * 0.75, 3);
  });

  test('of one unit has no interval; units without a thing say nothing', () => {
    const one = { sum: 6, count: 3 };
    expect(ratioEstimate([one])).toEqual({ value: 2, low: null, high: null });
    expect(ratioEstimate([one, { sum: 0, count: 0 }])).toEqual({ value: 2, low: null, high: null });
  });
});

describe('a share', () => {
  test.each([
    [8, 10, 0.4902, 0.9433],
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [50, 100, 0.4038, 0.5962],
  ])('%d of %d', (right, asked, low, high) => {
    const estimate = wilsonEstimate(right, asked);
    expect(estimate.value).toBe(right / asked);
    expect(estimate.low).toBeCloseTo(low, 4);
    expect(estimate.high).toBeCloseTo(high, 4);
  });

  test('none and all right reach 0 and 1 exactly', () => {
    expect(wilsonEstimate(0, 7).low).toBe(0);
    expect(wilsonEstimate(7, 7).high).toBe(1);
  });
});
