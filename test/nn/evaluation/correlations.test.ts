import fc from 'fast-check';
import { auroc, pearson, ranks, spearman } from '../../../nn/evaluation/index.js';

const pairs = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), {
  minLength: 2,
  maxLength: 12,
});

describe('correlations', () => {
  test('by hand', () => {
    // About their means (-1, 0, 1) and (-2, 1, 1): products 3, squares 2 and 6.
    expect(pearson([1, 2, 3], [1, 4, 4])).toBeCloseTo(3 / Math.sqrt(12), 12);
    // Ranks 1, 2, 3 and 1, 2.5, 2.5, about their means (-1, 0, 1) and (-1, 0.5, 0.5): 1.5, 2 and 1.5.
    expect(spearman([1, 2, 3], [1, 4, 4])).toBeCloseTo(1.5 / Math.sqrt(3), 12);
    expect(spearman([1, 2, 3, 4], [1, 10, 100, 1000])).toBeCloseTo(1, 12);
    expect(pearson([1, 2, 3, 4], [8, 6, 4, 2])).toBeCloseTo(-1, 12);
    expect(pearson([1, 2, 3, 4], [1, -1, -1, 1])).toBe(0);
  });

  test('do not exist where nothing varies', () => {
    expect(pearson([], [])).toBeNull();
    expect(pearson([1], [2])).toBeNull();
    expect(pearson([1, 2, 3], [5, 5, 5])).toBeNull();
    expect(spearman([0.1, 0.1, 0.1], [1, 2, 3])).toBeNull();
  });

  test('stay within -1..1, whatever side comes first; the second side mirrored changes the sign', () => {
    fc.assert(
      fc.property(pairs, (given) => {
        const [xs, ys] = [given.map(([x]) => x), given.map(([, y]) => y)];
        for (const correlation of [pearson, spearman]) {
          const value = correlation(xs, ys);
          if (value === null) continue;
          expect(Math.abs(value)).toBeLessThanOrEqual(1);
          expect(correlation(ys, xs)).toBeCloseTo(value, 12);
          expect(
            correlation(
              xs,
              ys.map((y) => -y),
            ),
          ).toBeCloseTo(-value, 12);
        }
      }),
    );
  });

  test('sides of different lengths are refused', () => {
    expect(() => pearson([1], [1, 2])).toThrow(RangeError);
    expect(() => spearman([1], [1, 2])).toThrow(RangeError);
    expect(() => auroc([1], [])).toThrow(RangeError);
  });
});

test('equal numbers share their ranks', () => {
  expect(ranks([10, 20, 20, 5, 20])).toEqual([2, 4, 4, 1, 4]);
  expect(ranks([])).toEqual([]);
});

describe('the area under the curve', () => {
  test('by hand, pair by pair', () => {
    // True 0.8 and 0.4; false 0.6, 0.4 and 0.1: 3 pairs won by 0.8, 1.5 of 3 by 0.4.
    expect(auroc([0.8, 0.4, 0.6, 0.4, 0.1], [true, true, false, false, false])).toBe(4.5 / 6);
    expect(auroc([3, 2, 1], [true, true, false])).toBe(1);
    expect(auroc([1, 2, 3], [true, true, false])).toBe(0);
    expect(auroc([1, 1, 1, 1], [true, false, true, false])).toBe(0.5);
  });

  test('does not exist without both labels', () => {
    expect(auroc([1, 2], [true, true])).toBeNull();
    expect(auroc([1, 2], [false, false])).toBeNull();
    expect(auroc([], [])).toBeNull();
  });

  test('is the share of pairs that are in order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 4 }), fc.boolean()), { maxLength: 12 }), (given) => {
        const [yes, no] = [given.filter(([, label]) => label), given.filter(([, label]) => !label)];
        const won = yes.flatMap(([a]) => no.map(([b]) => (a > b ? 1 : a === b ? 0.5 : 0)));
        const value = auroc(
          given.map(([score]) => score),
          given.map(([, label]) => label),
        );
        if (won.length === 0) expect(value).toBeNull();
        else expect(value).toBeCloseTo(won.reduce<number>((sum, one) => sum + one, 0) / won.length, 12);
      }),
    );
  });
});
