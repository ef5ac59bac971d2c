import * as fc from 'fast-check';
import { alignedRows, IGNORED_TARGET, type AlignedPair } from '../../../nn/data/index.js';

const SHAPE = { length: 6, teacherLength: 8, padId: 0 };
const X = IGNORED_TARGET;

describe('aligned rows', () => {
  test('of [u, x, y] and [x, y]: every token of y is predicted by the position before it, the first one too', () => {
    const pair: AlignedPair = {
      teacher: { before: [1, 50, 51, 7], output: [8, 9] },
      student: { before: [1, 7], output: [8, 9] },
    };
    const { rows, skipped } = alignedRows([pair], SHAPE);
    expect(skipped).toEqual([]);
    expect(rows).toHaveLength(1);
    const [row] = rows.map((each) => Object.fromEntries(Object.entries(each).map(([k, v]) => [k, [...v]])));
    expect(row).toEqual({
      ids: [1, 7, 8, 9, 0, 0],
      targets: [X, 8, 9, X, X, X],
      segments: [0, 0, 0, 0, 1, 1],
      teacherIds: [1, 50, 51, 7, 8, 9, 0, 0],
      teacherSegments: [0, 0, 0, 0, 0, 0, 1, 1],
      teacherIndex: [-1, 3, 4, -1, -1, -1],
    });
  });

  test('have no target where a token was given to both: the next one is predicted from it', () => {
    const pair: AlignedPair = {
      teacher: { before: [1, 50, 7], output: [8, 9, 10] },
      student: { before: [1, 7], output: [8, 9, 10] },
      given: [1],
    };
    const [row] = alignedRows([pair], SHAPE).rows;
    expect([...row!.ids]).toEqual([1, 7, 8, 9, 10, 0]);
    expect([...row!.targets]).toEqual([X, 8, X, 10, X, X]);
    expect([...row!.teacherIndex]).toEqual([-1, 2, -1, 4, -1, -1]);
  });

  test('leave out what is longer than either row, and say which', () => {
    const pair = (prompt: number, output: number): AlignedPair => {
      const y = new Array<number>(output).fill(5);
      const u = new Array<number>(prompt).fill(4);
      return { teacher: { before: [1, ...u], output: y }, student: { before: [1], output: y } };
    };
    const { rows, skipped } = alignedRows([pair(2, 5), pair(2, 6), pair(3, 5), pair(0, 5)], SHAPE);
    expect(rows).toHaveLength(2);
    expect(skipped).toEqual([1, 2]);
  });

  test('refuse sides that do not predict the same tokens, and a first token that nothing predicts', () => {
    const side = (before: number[], output: number[]) => ({ before, output });
    const wrong: AlignedPair[] = [
      { teacher: side([1], [2, 3]), student: side([1], [2]) },
      { teacher: side([1], [2, 3]), student: side([1], [2, 4]) },
      { teacher: side([1], [2]), student: side([], [2]) },
      { teacher: side([], [2]), student: side([1], [2]) },
      { teacher: side([1], []), student: side([1], []) },
    ];
    for (const pair of wrong)
      expect(() => alignedRows([pair], SHAPE)).toThrow(
        expect.objectContaining({ code: 'AF_BAKING_ALIGNMENT', at: 'pair 0' }),
      );
  });

  test('where a position predicts, its teacher stands before the same token', () => {
    const ids = (minLength: number) => fc.array(fc.integer({ min: 1, max: 99 }), { minLength, maxLength: 4 });
    fc.assert(
      fc.property(ids(0), ids(1), ids(1), fc.subarray([0, 1, 2, 3]), (u, x, y, given) => {
        const sides = { teacher: { before: [...u, ...x], output: y }, student: { before: x, output: y } };
        const pair = { ...sides, given };
        const learnt = y.filter((_, t) => !given.includes(t));
        const [row] = alignedRows([pair], { length: 8, teacherLength: 12, padId: 0 }).rows;
        const told = [...row!.teacherIndex].flatMap((at, t) =>
          at < 0 ? [] : [[row!.targets[t], at] as const],
        );
        expect(told.map(([target]) => target)).toEqual(learnt);
        for (const [target, at] of told) expect(row!.teacherIds[at + 1]).toBe(target);
        expect([...row!.targets].filter((target) => target !== X)).toHaveLength(learnt.length);
      }),
    );
  });
});
