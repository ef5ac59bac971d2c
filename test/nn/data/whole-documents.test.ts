import fc from 'fast-check';
import { IGNORED_TARGET, packWholeDocuments, type Document } from '../../../nn/data/index.js';

const document = (...ids: number[]): Document => ({
  ids: Int32Array.from(ids),
  lossMask: Uint8Array.from(ids, (_, i) => (i < 2 ? 0 : 1)),
});

test('documents go whole into the first row with room, longest first', () => {
  const { rows, placed, skipped } = packWholeDocuments(
    [document(1, 2, 3), document(4, 5, 6, 7), document(8, 9), document(1, 1, 1, 1, 1, 1, 1)],
    6,
    0,
  );
  expect(placed).toEqual([
    { index: 0, row: 1, start: 0, length: 3 },
    { index: 1, row: 0, start: 0, length: 4 },
    { index: 2, row: 0, start: 4, length: 2 },
  ]);
  expect(skipped).toEqual([3]);
  expect([...rows[0]!.ids]).toEqual([4, 5, 6, 7, 8, 9]);
  // Only what the mask counts is a target, and nothing across documents.
  const _ = IGNORED_TARGET;
  expect([...rows[0]!.targets]).toEqual([_, 6, 7, _, _, _]);
  expect([...rows[0]!.segments]).toEqual([0, 0, 0, 0, 1, 1]);
  expect([...rows[1]!.ids]).toEqual([1, 2, 3, 0, 0, 0]);
  expect([...rows[1]!.segments]).toEqual([0, 0, 0, 1, 1, 1]);
});

test('every document that fits is there once, whole, and apart from its neighbours', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 30 });
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 10 }), (sizes, rowLength) => {
      const documents = sizes.map((size, d) =>
        document(...Array.from({ length: size }, (_, i) => 100 * d + i)),
      );
      const { rows, placed, skipped } = packWholeDocuments(documents, rowLength, -1);
      expect([...placed.map(({ index }) => index), ...skipped].sort((a, b) => a - b)).toEqual(
        sizes.map((_, i) => i),
      );
      for (const { index, row, start, length } of placed) {
        const { ids, segments } = rows[row]!;
        expect([...ids.subarray(start, start + length)]).toEqual([...documents[index]!.ids]);
        expect(new Set(segments.subarray(start, start + length)).size).toBe(1);
        expect(segments[start - 1]).not.toBe(segments[start]);
      }
      for (const index of skipped) expect(sizes[index]).toBeGreaterThan(rowLength);
      const tokens = placed.reduce((sum, { length }) => sum + length, 0);
      expect(rows.reduce((sum, { ids }) => sum + ids.filter((id) => id >= 0).length, 0)).toBe(tokens);
    }),
  );
});
