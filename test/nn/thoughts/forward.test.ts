import type { Tensor2D } from '@tensorflow/tfjs';
import { lastStep, thoughtPass, type ThoughtPass } from '../../../nn/thoughts/forward.js';
import { thoughtsPerRow, type ThoughtShape } from '../../../nn/thoughts/layout.js';
import { largestDifference } from '../../support/close.js';
import { describeOnEngines, integers } from '../../support/engines.js';
import {
  aloneSequence,
  MARKERS,
  MODELS,
  ofOwnLengths,
  rowsIn,
  thoughtRows,
  type HostThoughtRows,
  type TestModel,
} from './support.js';

/** A shape, the places of two rows, and where documents start. */
const CASES: readonly (readonly [ThoughtShape, readonly number[], readonly number[]])[] = [
  [{ base: 12, positions: 1, thoughts: 1, length: 1, talk: 1 }, [0, 10], []],
  [{ base: 12, positions: 3, thoughts: 2, length: 3, talk: 2 }, [0, 4, 9, 2, 3, 8], []],
  [{ base: 16, positions: 2, thoughts: 3, length: 2, talk: 4 }, [3, 9, 6, 11], [5]],
  [{ base: 16, positions: 4, thoughts: 1, length: 5, talk: 3 }, [0, 1, 6, 12, 2, 8, 9, 12], [4, 8]],
];

describeOnEngines('a pass over text and thoughts', (compute) => {
  describe.each(Object.entries(MODELS))('%s', (_name, open) => {
    let model: TestModel;
    beforeAll(async () => {
      model = await open();
    });

    /** Features [B, ...] by name, and those of the text [B, L, r]. */
    async function together(
      shape: ThoughtShape,
      rows: HostThoughtRows,
    ): Promise<Record<'text' | 'before' | 'thought' | 'said' | 'talk', Float32Array>> {
      const found = await compute({ ...model.weights, ...rows }, (t) => {
        const pass: ThoughtPass = thoughtPass({ ...model, params: t }, shape, MARKERS, rowsIn(t));
        const { before, thought, said, talk, base } = pass;
        return { text: lastStep(base.features), before, thought, said, talk };
      });
      return Object.fromEntries(
        Object.entries(found).map(([name, { data }]) => [name, data as Float32Array]),
      ) as Record<'text' | 'before' | 'thought' | 'said' | 'talk', Float32Array>;
    }

    /** Features of sequences by themselves, each a row without positions or mask, padded at its end. */
    async function alone(
      sequences: readonly { readonly ids: readonly number[]; readonly segments: readonly number[] }[],
    ): Promise<readonly Float32Array[]> {
      const length = Math.max(...sequences.map(({ ids }) => ids.length));
      const padded = (row: readonly number[]): number[] => [
        ...row,
        ...new Array(length - row.length).fill(0),
      ];
      const shape = [sequences.length, length];
      const ids = integers(
        sequences.flatMap((each) => padded(each.ids)),
        shape,
      );
      const segments = integers(
        sequences.flatMap((each) => padded(each.segments)),
        shape,
      );
      const found = await compute({ ...model.weights, ids, segments }, (t) => {
        const input = { ids: t['ids'] as Tensor2D, segments: t['segments'] as Tensor2D };
        return { features: lastStep(model.forward(t, input).features) };
      });
      const data = found['features']!.data as Float32Array;
      const size = data.length / sequences.length;
      return sequences.map((_, i) => data.subarray(i * size, (i + 1) * size));
    }

    const both = CASES.flatMap((each) => [false, true].map((own) => [own, ...each] as const));

    test.each(both)('equals a pass of its own for every thought: ends early %j, %j', async (...each) => {
      const [own, shape, places, starts] = each;
      const full = thoughtRows(shape, places, starts);
      const rows = own ? ofOwnLengths(shape, full) : full;
      const found = await together(shape, rows);
      const { base, length, talk, thoughts, positions } = shape;
      const [count, width] = [thoughtsPerRow(shape), found.text.length / (2 * base)];
      const texts = await alone(
        [0, 1].map((row) => ({
          ids: Array.from(rows.ids.data.subarray(row * base, (row + 1) * base)),
          segments: Array.from(rows.segments.data.subarray(row * base, (row + 1) * base)),
        })),
      );
      const all = Array.from({ length: 2 * count }, (_, i) => i);
      const singles = await alone(
        all.map((i) => aloneSequence(shape, rows, Math.floor(i / count), i % count)),
      );
      /** Row i of features that are cut into rows of `size` tokens. */
      const at = (x: Float32Array, i: number, size: number): Float32Array =>
        x.subarray(i * size * width, (i + 1) * size * width);
      const part = (x: Float32Array, from: number, size: number): Float32Array =>
        x.subarray(from * width, (from + size) * width);
      const differences = all.flatMap((i) => {
        const place = Math.floor(i / thoughts);
        const j = places[place]!;
        const row = Math.floor(place / positions);
        const said = rows.lengths.data[i]!;
        // Besides the tokens of the thought, what predicts its END, where that has a slot.
        const read = Math.min(said + 1, length);
        return [
          largestDifference(part(at(found.thought, i, length), 0, read), part(singles[i]!, j + 1, read)),
          largestDifference(part(at(found.said, i, length), 0, said), part(singles[i]!, j + 2, said)),
          largestDifference(at(found.talk, i, talk), part(singles[i]!, j + 2 + said, talk)),
          largestDifference(at(found.before, place, talk), part(texts[row]!, j, talk)),
          largestDifference(at(found.text, row, base), texts[row]!),
        ];
      });
      // Four units in the last place of float32: features of titans-mag reach 65 here.
      const largest = Math.max(...found.talk.map(Math.abs));
      expect(Math.max(...differences)).toBeLessThan(Math.max(1e-5, 4 * 2 ** -23 * largest));
    });

    const SHAPE: ThoughtShape = { base: 12, positions: 2, thoughts: 2, length: 3, talk: 2 };
    const PLACES = [3, 7, 2, 8];

    test('what stands in the slots after the end of a thought changes nothing at all', async () => {
      const rows = ofOwnLengths(SHAPE, thoughtRows(SHAPE, PLACES));
      const changed = rows.thoughts.data.map((id, i) => {
        const hidden = i % SHAPE.length >= rows.lengths.data[Math.floor(i / SHAPE.length)]!;
        return hidden ? (id + 11) % 48 : id;
      }) as Int32Array;
      expect(changed).not.toEqual(rows.thoughts.data);
      const found = await together(SHAPE, { ...rows, thoughts: { ...rows.thoughts, data: changed } });
      expect(found).toEqual(await together(SHAPE, rows));
    });

    test('a thought changes no text and no other thought; the text after a place changes no thought', async () => {
      const rows = thoughtRows(SHAPE, PLACES);
      const before = await together(SHAPE, rows);
      const changed = Int32Array.from(rows.thoughts.data);
      // The first token of thought 1 (of 0..3) of the first row.
      changed[SHAPE.length] = (changed[SHAPE.length]! + 5) % MARKERS.start;
      const after = await together(SHAPE, { ...rows, thoughts: { ...rows.thoughts, data: changed } });
      expect(largestDifference(after.text, before.text)).toBeLessThan(1e-6);
      const size = before.said.length / 8;
      const differences = Array.from({ length: 8 }, (_, m) =>
        largestDifference(
          after.said.subarray(m * size, (m + 1) * size),
          before.said.subarray(m * size, (m + 1) * size),
        ),
      );
      expect(differences[1]).toBeGreaterThan(1e-3);
      expect(Math.max(...differences.filter((_, m) => m !== 1))).toBeLessThan(1e-6);

      const text = Int32Array.from(rows.ids.data);
      text[4] = (text[4]! + 7) % MARKERS.start; // after the first place of the first row, before its second
      const later = await together(SHAPE, { ...rows, ids: { ...rows.ids, data: text } });
      const moved = Array.from({ length: 8 }, (_, m) =>
        largestDifference(
          later.said.subarray(m * size, (m + 1) * size),
          before.said.subarray(m * size, (m + 1) * size),
        ),
      );
      expect(Math.max(moved[0]!, moved[1]!)).toBeLessThan(1e-6);
      expect(Math.min(moved[2]!, moved[3]!)).toBeGreaterThan(1e-4);
    });
  });
});
