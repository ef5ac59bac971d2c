import { distinctShare } from '../../../nn/evaluation/distinct.js';
import fc from 'fast-check';
import {
  idEntropy,
  levenshtein,
  meanPairwiseDistance,
  normalisedLevenshtein,
  repetitionRatio,
} from '../../../nn/evaluation/index.js';

const ids = fc.array(fc.nat({ max: 3 }), { maxLength: 8 });
const letters = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));

test.each([
  ['kitten', 'sitting', 3],
  ['saturday', 'sunday', 3],
  ['', 'abc', 3],
  ['abc', '', 3],
  ['abc', 'abc', 0],
  ['abc', 'bca', 2],
  ['', '', 0],
])('%s becomes %s in %d edits', (a, b, edits) => {
  expect(levenshtein(letters(a), letters(b))).toBe(edits);
});

test('the distance by the longer length', () => {
  expect(normalisedLevenshtein(letters('kitten'), letters('sitting'))).toBe(3 / 7);
  expect(normalisedLevenshtein([], [])).toBe(0);
  expect(normalisedLevenshtein([1, 2], [])).toBe(1);
  expect(normalisedLevenshtein([1, 2], [3, 4])).toBe(1);
});

test('it is a distance: symmetric, zero for equal ones alone, no longer over a third', () => {
  fc.assert(
    fc.property(ids, ids, ids, (a, b, c) => {
      const ab = levenshtein(a, b);
      expect(levenshtein(b, a)).toBe(ab);
      expect(ab === 0).toBe(JSON.stringify(a) === JSON.stringify(b));
      expect(ab).toBeLessThanOrEqual(levenshtein(a, c) + levenshtein(c, b));
      expect(ab).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      expect(ab).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test('the mean over pairs', () => {
  // 1-2: 1 edit, 1-3: 2, 2-3: 3.
  expect(
    meanPairwiseDistance([
      [1, 2],
      [1, 3],
      [4, 2, 5],
    ]),
  ).toBe((1 + 2 + 3) / 3);
  expect(meanPairwiseDistance([[1], [1], [1]])).toBe(0);
  expect(meanPairwiseDistance([[1]])).toBeNull();
  expect(meanPairwiseDistance([])).toBeNull();
});

test('what was there before', () => {
  expect(repetitionRatio([7, 7, 7, 7, 7])).toBe(0.8);
  expect(repetitionRatio([1, 2, 1, 3])).toBe(0.25);
  expect(repetitionRatio([1, 2, 3])).toBe(0);
  expect(repetitionRatio([])).toBeNull();
});

test('entropy of ids', () => {
  expect(idEntropy([1, 2, 3, 4])).toBeCloseTo(Math.log(4), 12);
  // 3/4 ln(4/3) + 1/4 ln 4
  expect(idEntropy([5, 5, 5, 6])).toBeCloseTo(0.562335, 6);
  expect(idEntropy([9, 9])).toBe(0);
  expect(idEntropy([])).toBeNull();
});

describe('distinct-n', () => {
  test('by hand: two of five pairs and three of four runs of three differ', () => {
    expect(distinctShare([[1, 2, 1, 2, 1, 2]], 2)).toBe(2 / 5);
    expect(distinctShare([[1, 2, 3, 1, 2, 3]], 3)).toBe(3 / 4);
    expect(distinctShare([['a', 'b', 'b', 'a']], 1)).toBe(1 / 2);
  });

  test('words are told apart whatever stands in them', () => {
    expect(distinctShare([['a b', 'c', 'a', 'b c']], 2)).toBe(1);
    expect(distinctShare([['1', '1', 1, 1]], 1)).toBe(1 / 2);
  });

  test('fewer items than a run has none', () => {
    expect([distinctShare([[]], 1), distinctShare([[1]], 2), distinctShare([[1, 2]], 2)]).toEqual([
      null,
      null,
      1,
    ]);
  });
});
