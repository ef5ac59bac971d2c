import fc from 'fast-check';
import { distinctShare } from '../../../nn/evaluation/index.js';

const words = (text: string): string[] => text.split(' ');

/** The cat sat on the mat, the cat ran: nine words, eight pairs, of which "the cat" stands twice. */
const CAT = words('the cat sat on the mat the cat ran');

test('is the number of different n-grams over that of all', () => {
  expect(distinctShare([CAT], 1)).toBe(6 / 9);
  expect(distinctShare([CAT], 2)).toBe(7 / 8);
  expect(distinctShare([CAT], 3)).toBe(1);
  expect(distinctShare([words('like a like a like a')], 2)).toBe(2 / 5);
});

test('counts sequences together, and no n-gram across them', () => {
  // a b, b c and a b again: two of three.
  expect(distinctShare([words('a b c'), words('a b')], 2)).toBe(2 / 3);
  expect(distinctShare([words('a b'), words('c d')], 2)).toBe(1);
  expect(distinctShare([[1, 2, 1], [2], [2, 1]], 2)).toBe(2 / 3);
});

test('tells apart what only looks alike when it is joined', () => {
  expect(
    distinctShare(
      [
        ['a b', 'c'],
        ['a', 'b c'],
      ],
      2,
    ),
  ).toBe(1);
  expect(
    distinctShare(
      [
        [1, 2],
        ['1', '2'],
      ],
      2,
    ),
  ).toBe(1);
});

test('is null where there is none', () => {
  expect(distinctShare([], 1)).toBeNull();
  expect(distinctShare([[], ['a'], ['b']], 2)).toBeNull();
});

test('is 1 without repetition, and 1/k where a sequence is there k times', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(), { minLength: 2, maxLength: 20 }),
      fc.integer({ min: 1, max: 4 }),
      (ids, k) => {
        expect(distinctShare([ids], 2)).toBe(1);
        expect(distinctShare(Array<number[]>(k).fill(ids), 2)).toBeCloseTo(1 / k, 12);
      },
    ),
  );
});
