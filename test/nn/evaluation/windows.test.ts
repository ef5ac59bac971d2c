import { windowsOf } from '../../../nn/evaluation/index.js';

/** A document of ids 0..length-1 of which all but the first count. */
function document(length: number, mask?: readonly number[]) {
  const lossMask = Uint8Array.from(mask ?? Array.from({ length }, (_, i) => (i === 0 ? 0 : 1)));
  return { ids: Int32Array.from({ length }, (_, i) => i), lossMask };
}

const cut = (length: number, stride: number, of: ReturnType<typeof document>) =>
  windowsOf(of, { length, stride }).map(({ ids, lossMask }) => [[...ids], [...lossMask]]);

test('a document that fits is one window', () => {
  expect(cut(4, 2, document(4))).toEqual([
    [
      [0, 1, 2, 3],
      [0, 1, 1, 1],
    ],
  ]);
});

test('a longer one is read again from a later beginning, and every token counts once', () => {
  expect(cut(4, 2, document(7))).toEqual([
    [
      [0, 1, 2, 3],
      [0, 1, 1, 1],
    ],
    [
      [2, 3, 4, 5],
      [0, 0, 1, 1],
    ],
    [
      [4, 5, 6],
      [0, 0, 1],
    ],
  ]);
});

test.each([
  [8, 4, 100],
  [8, 1, 30],
  [9, 4, 41],
  [16, 8, 17],
])('windows of %d, %d apart: %d tokens once each, after at least half a window', (length, stride, tokens) => {
  const counted: number[] = [];
  windowsOf(document(tokens), { length, stride }).forEach(({ ids, lossMask }, w) => {
    const first = lossMask.indexOf(1);
    if (w > 0) expect(first).toBeGreaterThanOrEqual(Math.floor(length / 2));
    ids.forEach((id, i) => lossMask[i] === 1 && counted.push(id));
  });
  expect(counted).toEqual(Array.from({ length: tokens - 1 }, (_, i) => i + 1));
});

test('what does not count in the document counts in no window', () => {
  const windows = cut(4, 2, document(6, [0, 0, 0, 0, 0, 1]));
  expect(windows.map(([, mask]) => mask)).toEqual([
    [0, 0, 0, 0],
    [0, 0, 0, 1],
  ]);
});
