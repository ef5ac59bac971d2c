import fc from 'fast-check';
import type { DataRecord } from '../../../core/contracts/dataset.js';
import type { Tokenizer } from '../../../core/contracts/tokenizer.js';
import {
  evaluationBatches,
  IGNORED_TARGET,
  packDatasets,
  packDocuments,
  splitDatasets,
  toDocument,
  trainingTexts,
  type Document,
} from '../../../nn/data/index.js';

/** One id per character code; 1000 ends, 1001 begins, 1002 pads. */
const letters: Tokenizer = {
  vocabularySize: 1003,
  special: { pad: 1002, bos: 1001, eos: 1000, unk: null, mask: null },
  encode: (text) => [...text].map((character) => character.charCodeAt(0)),
  decode: (ids) => String.fromCharCode(...Array.from(ids)),
  serialize: () => '',
};
const PAD = 1002;

const documentOf = (ids: number[], mask = ids.map(() => 1)): Document => ({
  ids: Int32Array.from(ids),
  lossMask: Uint8Array.from(mask),
});

describe('toDocument', () => {
  const record: DataRecord = { text: 'ab', input: 'a', output: 'b' };

  it('counts only the answer and the end', () => {
    const { ids, lossMask } = toDocument(record, letters);
    expect([...ids]).toEqual([97, 98, 1000]);
    expect([...lossMask]).toEqual([0, 1, 1]);
  });

  it('counts everything on request, and never the bos', () => {
    const { ids, lossMask } = toDocument(record, letters, { answerOnly: false, bos: true });
    expect([...ids]).toEqual([1001, 97, 98, 1000]);
    expect([...lossMask]).toEqual([0, 1, 1, 1]);
  });

  it('counts all of plain text and works without special tokens', () => {
    const bare: Tokenizer = {
      ...letters,
      special: { pad: null, bos: null, eos: null, unk: null, mask: null },
    };
    const { ids, lossMask } = toDocument({ text: 'ab' }, bare, { bos: true });
    expect([...ids]).toEqual([97, 98]);
    expect([...lossMask]).toEqual([1, 1]);
  });
});

describe('packDocuments', () => {
  it('lays out a worked example', () => {
    const packed = packDocuments([documentOf([1, 2, 3]), documentOf([4, 5, 6, 7], [0, 0, 1, 1])], 4, PAD);
    expect(packed.rows.map((row) => [...row.ids])).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, PAD],
    ]);
    expect(packed.rows.map((row) => [...row.targets])).toEqual([
      [2, 3, -100, -100],
      [6, 7, -100, -100],
    ]);
    expect(packed.rows.map((row) => [...row.segments])).toEqual([
      [0, 0, 0, 1],
      [0, 0, 0, 1],
    ]);
    expect(packed).toMatchObject({ rowLength: 4, tokens: 7, targets: 4 });
  });

  it('predicts across the cut of a row, within one document', () => {
    const packed = packDocuments([documentOf([1, 2, 3, 4])], 2, PAD);
    expect(packed.rows.map((row) => [...row.targets])).toEqual([
      [2, 3],
      [4, -100],
    ]);
  });

  it('gives no rows for no tokens and ignores empty documents', () => {
    expect(packDocuments([], 8, PAD).rows).toEqual([]);
    const packed = packDocuments([documentOf([1]), documentOf([]), documentOf([2])], 3, PAD);
    expect([...packed.rows[0]!.segments]).toEqual([0, 1, 2]);
    expect(() => packDocuments([], 0, PAD)).toThrow(RangeError);
  });

  it('keeps every token once, shifts every label and crosses no border', () => {
    let next = 0;
    const documents = fc.array(fc.array(fc.boolean(), { maxLength: 12 }), { maxLength: 12 }).map((masks) => {
      next = 0;
      return masks.map((mask) =>
        documentOf(
          mask.map(() => next++),
          mask.map(Number),
        ),
      );
    });
    fc.assert(
      fc.property(documents, fc.integer({ min: 1, max: 9 }), (docs, rowLength) => {
        const packed = packDocuments(docs, rowLength, PAD);
        const owner = docs.flatMap((document, index) => [...document.ids].map(() => index));
        const mask = docs.flatMap((document) => [...document.lossMask]);
        const ids = packed.rows.flatMap((row) => [...row.ids]);
        const targets = packed.rows.flatMap((row) => [...row.targets]);
        expect(ids.slice(0, owner.length)).toEqual(owner.map((_, id) => id));
        expect(ids.slice(owner.length).every((id) => id === PAD)).toBe(true);
        expect(ids.length - owner.length).toBeLessThan(rowLength);
        targets.forEach((target, at) => {
          const predicts = at + 1 < owner.length && owner[at + 1] === owner[at] && mask[at + 1] === 1;
          expect(target).toBe(predicts ? at + 1 : IGNORED_TARGET);
        });
        expect(packed.targets).toBe(targets.filter((target) => target !== IGNORED_TARGET).length);
        for (const [index, row] of packed.rows.entries()) {
          for (let t = 1; t < rowLength; t++) {
            const at = index * rowLength + t;
            expect(row.segments[t] === row.segments[t - 1]).toBe((owner[at] ?? -1) === (owner[at - 1] ?? -1));
          }
        }
      }),
    );
  });
});

describe('packDatasets', () => {
  it('packs both sides and pads with the pad of the tokenizer', () => {
    const records = Array.from({ length: 40 }, (_, i) => ({ text: `number ${i}` }));
    const splits = splitDatasets([{ name: 'numbers', records }]);
    const [packed] = packDatasets(splits, letters, { rowLength: 16 });
    const used = [...packed!.train.rows, ...packed!.heldout.rows]
      .flatMap((row) => [...row.ids])
      .filter((id) => id !== PAD);
    expect(used).toHaveLength(packed!.train.tokens + packed!.heldout.tokens);
    expect(letters.decode(used).split('\u03e8').sort()).toEqual(
      ['', ...records.map((record) => record.text)].sort(),
    );
    expect([...trainingTexts(splits)].sort()).toEqual(splits[0]!.train.map((record) => record.text).sort());
  });
});

describe('evaluationBatches', () => {
  const { rows } = packDocuments([documentOf(Array.from({ length: 28 }, (_, i) => i))], 4, PAD);

  it('keeps one shape and pads the last batch without targets', () => {
    const batches = evaluationBatches(rows, 3);
    expect(batches.map((batch) => batch.rows)).toEqual([3, 3, 1]);
    expect(batches.every((batch) => batch.ids.length === 12)).toBe(true);
    expect([...batches[2]!.targets.slice(4)].every((target) => target === IGNORED_TARGET)).toBe(true);
    expect(evaluationBatches([], 3)).toEqual([]);
  });

  it('spreads a limited number of rows over the set', () => {
    const [batch] = evaluationBatches(rows, 3, { limit: 3 });
    expect([batch!.ids[0], batch!.ids[4], batch!.ids[8]]).toEqual([0, 8, 16]);
  });
});
