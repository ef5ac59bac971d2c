import fc from 'fast-check';
import { textPositions } from '../../../nn/calibration/index.js';
import { IGNORED_TARGET, packDocuments, stackRows, type Document } from '../../../nn/data/index.js';
import { evaluationSet } from '../../../nn/evaluation/index.js';

const PAD = 9;
const LENGTH = 8;

/** Of a question only the last token counts in the loss. */
const document = (ids: readonly number[]): Document => ({
  ids: Int32Array.from(ids),
  lossMask: Uint8Array.from(ids, (_, i) => (i === ids.length - 1 ? 1 : 0)),
});

test('a hand-made batch: a question, two documents and padding, a full row, a missing row', () => {
  const X = IGNORED_TARGET;
  const batch = {
    ids: Int32Array.from([1, 2, 3, 9, 9, 9, 9, 9, 1, 2, 3, 4, 9, 9, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0]),
    targets: Int32Array.from([X, 3, X, X, X, X, X, X, X, X, X, X, 9, 1, 9, X, X, X, X, X, X, X, X, X]),
    segments: Int32Array.from([0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  };
  const text = textPositions(batch, { length: LENGTH, padId: PAD });
  expect([...text]).toEqual([1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
});

const documents = fc.array(fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 2, maxLength: LENGTH }), {
  minLength: 1,
  maxLength: 12,
});

test('whatever is packed, as many positions are text as the documents have tokens', () => {
  fc.assert(
    fc.property(documents, (texts) => {
      const own = texts.map(document);
      const tokens = texts.flat().length;
      const { rows } = packDocuments(own, LENGTH, PAD);
      const stream = textPositions(stackRows(rows, rows.length + 2, LENGTH), { length: LENGTH, padId: PAD });
      expect(stream.reduce((sum, is) => sum + is, 0)).toBe(tokens);
      const whole = evaluationSet(
        own.map((each) => ({ ...each, answerStart: null })),
        { rows: 3, length: LENGTH, padId: PAD },
      );
      const counted = whole.batches.map((batch) =>
        textPositions(batch, { length: LENGTH, padId: PAD }).reduce((sum, is) => sum + is, 0),
      );
      expect(counted.reduce((sum, count) => sum + count, 0)).toBe(tokens);
    }),
  );
});
