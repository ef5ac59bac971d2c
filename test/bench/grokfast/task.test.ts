import { additionTask, batchPlaces, rowsOf } from '../../../bench/grokfast/task.js';

test('a task is every sum once, half of them trained on', () => {
  const { sums, trained } = additionTask(7, 3);
  expect(trained).toBe(24);
  const pairs = [...sums.a].map((a, i) => [a, sums.b[i]!] as const);
  expect(new Set(pairs.map((pair) => pair.join())).size).toBe(49);
  pairs.forEach(([a, b], i) => expect(sums.answer[i]).toBe((a + b) % 7));
});

test('the split is that of the seed', () => {
  expect(additionTask(11, 1)).toEqual(additionTask(11, 1));
  expect(additionTask(11, 1).sums.a).not.toEqual(additionTask(11, 2).sums.a);
});

test('batches: every row once an epoch, and none is short', () => {
  const next = batchPlaces(10, 4, 1);
  const places = Array.from({ length: 5 }, () => [...next()]);
  expect(places.every((batch) => batch.length === 4)).toBe(true);
  const drawn = places.flat();
  for (const epoch of [drawn.slice(0, 10), drawn.slice(10)])
    expect([...epoch].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(drawn.slice(0, 10)).not.toEqual(drawn.slice(10));
  expect([...batchPlaces(3, 3, 1)()]).toEqual([0, 1, 2]);
});

test('rows by their places', () => {
  const { sums } = additionTask(5, 1);
  const { a, b, answer } = rowsOf(sums, [2, 0]);
  expect([...a, ...b, ...answer]).toEqual([sums.a, sums.b, sums.answer].flatMap((ids) => [ids[2]!, ids[0]!]));
});
