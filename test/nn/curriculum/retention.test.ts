import {
  EMPTY_RETENTION,
  forgetting,
  retentionAt,
  retentionOf,
  retentionOfAll,
  withMeasurement,
} from '../../../nn/curriculum/index.js';

/** Level 1 learnt to .9, then .8, then .6; level 2 to .8, then .6; level 3 is new at the end. */
const measured = [
  ['level-1', 'end-1', 0.9],
  ['level-1', 'end-2', 0.8],
  ['level-2', 'end-2', 0.8],
  ['level-1', 'end-3', 0.6],
  ['level-2', 'end-3', 0.6],
  ['level-3', 'end-3', 0.7],
] as const;
const matrix = measured.reduce(
  (all, [list, moment, accuracy]) => withMeasurement(all, list, moment, accuracy),
  EMPTY_RETENTION,
);

test('by hand: what was not measured is null', () => {
  expect(matrix).toEqual({
    lists: ['level-1', 'level-2', 'level-3'],
    moments: ['end-1', 'end-2', 'end-3'],
    accuracy: [
      [0.9, 0.8, 0.6],
      [null, 0.8, 0.6],
      [null, null, 0.7],
    ],
  });
});

test('by hand: (.3 + .2) / 2 are forgotten at the end, .1 before', () => {
  expect(forgetting(matrix, 'end-3')).toBeCloseTo(0.25, 12);
  expect(forgetting(matrix, 'end-2')).toBeCloseTo(0.1, 12);
  expect(forgetting(matrix, 'end-1')).toBeNull();
});

test('by hand: two thirds of level 1 are left, and 17/24 of both', () => {
  expect(retentionOf(matrix, 'level-1', 'end-3')).toBeCloseTo(2 / 3, 12);
  expect(retentionOfAll(matrix, 'end-3')).toBeCloseTo(17 / 24, 12);
  expect(retentionOf(matrix, 'level-3', 'end-3')).toBeNull();
  expect(retentionOfAll(matrix, 'end-1')).toBeNull();
});

test('the best past counts, not the last', () => {
  const later = withMeasurement(matrix, 'level-1', 'end-4', 0.95);
  expect(retentionAt(later, 'end-4')).toEqual([{ list: 'level-1', best: 0.9, current: 0.95 }]);
  expect(forgetting(later, 'end-4')).toBeCloseTo(-0.05, 12);
});

test('an old list that is not measured counts for nothing', () => {
  const later = withMeasurement(matrix, 'level-3', 'end-4', 0.7);
  expect(retentionAt(later, 'end-4').map(({ list }) => list)).toEqual(['level-3']);
  expect(retentionOf(later, 'level-1', 'end-4')).toBeNull();
});

test('nothing of nothing is not known', () => {
  const zero = withMeasurement(withMeasurement(EMPTY_RETENTION, 'a', '1', 0), 'a', '2', 0);
  expect([retentionOf(zero, 'a', '2'), forgetting(zero, '2')]).toEqual([null, 0]);
});

test('measuring again replaces, and changes no earlier matrix', () => {
  expect(withMeasurement(matrix, 'level-1', 'end-1', 1).accuracy[0]![0]).toBe(1);
  expect(matrix.accuracy[0]![0]).toBe(0.9);
});

test('an accuracy, a list or a moment that cannot be is refused', () => {
  expect(() => withMeasurement(matrix, 'a', 'b', 1.5)).toThrow(RangeError);
  expect(() => forgetting(matrix, 'never')).toThrow(/never/);
  expect(() => retentionOf(matrix, 'none', 'end-1')).toThrow(/none/);
});
