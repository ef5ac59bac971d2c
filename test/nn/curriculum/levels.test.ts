import { levelDifficulty } from '../../../nn/curriculum/index.js';

test('by hand: from 10 in steps of 10', () => {
  const levels = Array.from({ length: 10 }, (_, place) => levelDifficulty(10, place + 1));
  expect(levels).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
});

test.each([1, 37.5, 100])('from %p to 100', (baseline) => {
  expect(levelDifficulty(baseline, 1)).toBe(baseline);
  expect(levelDifficulty(baseline, 10)).toBe(100);
});

test('with another number of levels', () => {
  expect([1, 2, 3].map((level) => levelDifficulty(20, level, 3))).toEqual([20, 60, 100]);
});

test.each([
  [0, 1, 10],
  [101, 1, 10],
  [1, 0, 10],
  [1, 11, 10],
  [1, 1.5, 10],
  [1, 1, 1],
])('baseline %p, level %p of %p is refused', (baseline, level, levels) => {
  expect(() => levelDifficulty(baseline, level, levels)).toThrow(RangeError);
});
