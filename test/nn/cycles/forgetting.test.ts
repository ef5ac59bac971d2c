import fc from 'fast-check';
import { forgetting } from '../../../nn/curriculum/index.js';
import {
  dropsAt,
  EMPTY_ANSWERS,
  retentionMatrix,
  withAnswers,
  worstDrop,
  type AnswerMatrix,
} from '../../../nn/cycles/index.js';

const answers = (written: string): boolean[] => Array.from(written, (one) => one === '1');

/** Two lists of four and five items over three bakes; the second begins with the second. */
const measured = [
  ['calculator', 'bake 1', '1110'],
  ['calculator', 'bake 2', '1111'],
  ['search', 'bake 2', '11000'],
  ['calculator', 'bake 3', '0101'],
  ['search', 'bake 3', '11100'],
] as const;
const matrix = measured.reduce<AnswerMatrix>(
  (all, [list, moment, right]) => withAnswers(all, list, moment, answers(right)),
  EMPTY_ANSWERS,
);

test('by hand: what was not measured is null, and accuracies are those of the answers', () => {
  expect(matrix).toEqual({
    lists: ['calculator', 'search'],
    moments: ['bake 1', 'bake 2', 'bake 3'],
    right: [
      ['1110', '1111', '0101'],
      [null, '11000', '11100'],
    ],
  });
  expect(retentionMatrix(matrix)).toEqual({
    lists: matrix.lists,
    moments: matrix.moments,
    accuracy: [
      [0.75, 1, 0.5],
      [null, 0.4, 0.6],
    ],
  });
  // (.5 - .2) / 2.
  expect(forgetting(retentionMatrix(matrix), 'bake 3')).toBeCloseTo(0.15, 12);
});

test('by hand: the calculator lost 50 points against its best bake, and search gained 20', () => {
  const drops = dropsAt(matrix, 'bake 3');
  expect(drops.map(({ list, items, best }) => [list, items, best])).toEqual([
    ['calculator', 4, 'bake 2'],
    ['search', 5, 'bake 2'],
  ]);
  expect(drops.map(({ points }) => points.value)).toEqual([50, expect.closeTo(-20, 10)]);
  // Two of four differ: a draw of four has none of them in 1/16 of the cases and them alone in as many.
  expect([drops[0]!.points.low, drops[0]!.points.high]).toEqual([0, 100]);
  expect(worstDrop(drops)!.list).toBe('calculator');
});

test('a first measurement lost nothing, and a list that is not asked is not told of', () => {
  expect(dropsAt(matrix, 'bake 1')).toEqual([]);
  expect(worstDrop([])).toBeNull();
  const later = withAnswers(matrix, 'search', 'bake 4', answers('00000'));
  expect(dropsAt(later, 'bake 4').map(({ list, best }) => [list, best])).toEqual([['search', 'bake 3']]);
  expect(dropsAt(matrix, 'bake 2')).toEqual([
    { list: 'calculator', items: 4, best: 'bake 1', points: expect.objectContaining({ value: -25 }) },
  ]);
});

test('of moments that are equally good the first is the best', () => {
  const same = [...measured, ['search', 'bake 4', '00111'], ['search', 'bake 5', '11100']] as const;
  const all = same.reduce<AnswerMatrix>(
    (known, [list, moment, right]) => withAnswers(known, list, moment, answers(right)),
    EMPTY_ANSWERS,
  );
  expect(dropsAt(all, 'bake 5')[0]).toMatchObject({ best: 'bake 3', points: { value: 0, low: 0, high: 0 } });
});

test('items that were swapped are a width, not a drop', () => {
  const one = withAnswers(EMPTY_ANSWERS, 'list', 'before', answers('1010'.repeat(20)));
  const [drop] = dropsAt(withAnswers(one, 'list', 'after', answers('0101'.repeat(20))), 'after');
  expect(drop!.points.value).toBe(0);
  expect(drop!.points.low!).toBeLessThan(-15);
  expect(drop!.points.high!).toBeGreaterThan(15);
});

test('measuring again replaces, and changes no earlier matrix', () => {
  const again = withAnswers(matrix, 'search', 'bake 2', answers('11111'));
  expect(again.right[1]).toEqual([null, '11111', '11100']);
  expect(matrix.right[1]![1]).toBe('11000');
});

test('other items than a list has, none at all, and moments that there are not are refused', () => {
  expect(() => withAnswers(matrix, 'search', 'bake 4', answers('1111'))).toThrow(/5 items of search/);
  expect(() => withAnswers(matrix, 'new', 'bake 4', [])).toThrow(RangeError);
  expect(() => dropsAt(matrix, 'never')).toThrow(/never/);
});

test('a drop is the difference of the accuracies, within its interval', () => {
  const lists = fc.integer({ min: 2, max: 20 }).chain((items) => {
    const list = fc.array(fc.boolean(), { minLength: items, maxLength: items });
    return fc.tuple(list, list);
  });
  fc.assert(
    fc.property(lists, fc.nat(), ([before, after], seed) => {
      const all = withAnswers(withAnswers(EMPTY_ANSWERS, 'l', '1', before), 'l', '2', after);
      const [{ points }] = dropsAt(all, '2', { resamples: 100, seed }) as [ReturnType<typeof dropsAt>[0]];
      const [[first, second]] = retentionMatrix(all).accuracy as [[number, number]];
      expect(points.value).toBeCloseTo(100 * (first - second), 9);
      expect(points.low!).toBeLessThanOrEqual(points.value);
      expect(points.high!).toBeGreaterThanOrEqual(points.value);
      expect(JSON.parse(JSON.stringify(all))).toEqual(all);
    }),
    { numRuns: 50 },
  );
});
