import * as tf from '@tensorflow/tfjs';
import { ForgeError } from '../../../core/errors/index.js';
import {
  passLength,
  requireThoughtsFit,
  slotLayout,
  thoughtMemoryBytes,
  type ThoughtShape,
} from '../../../nn/thoughts/layout.js';
import { useCpuBackend } from '../../support/engines.js';
import { MARKERS, MODELS } from './support.js';

const row = (values: readonly number[]): tf.Tensor2D => tf.tensor2d([...values], [1, values.length], 'int32');
const flat = (x: tf.Tensor): number[] => Array.from(x.dataSync());

describe('the layout of thoughts', () => {
  useCpuBackend();

  // Two documents of three tokens; thoughts after the first token and, from where the talk leaves its document, the third.
  const SHAPE: ThoughtShape = { base: 6, positions: 2, thoughts: 1, length: 2, talk: 2 };
  const layout = () =>
    slotLayout(SHAPE, MARKERS, {
      ids: row([10, 11, 12, 20, 21, 22]),
      targets: row([11, 12, -100, 21, 22, -100]),
      segments: row([0, 0, 0, 1, 1, 1]),
      places: row([0, 2]),
      thoughts: row([1, 2, 3, 4]),
    });

  test('puts START, the thought, END and the text that is fed after the text', () => {
    const { input } = layout();
    expect(flat(input.ids)).toEqual([10, 11, 12, 20, 21, 22, 46, 1, 2, 47, 11, 46, 3, 4, 47, 20]);
    expect(flat(input.positions)).toEqual([0, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 3, 4, 5, 6, 7]);
    expect(flat(input.segments)).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(input.ids.shape[1]).toBe(passLength(SHAPE));
  });

  test('lets a slot see the text up to its place and its own thought', () => {
    const mask = layout().input.mask.arraySync()[0]!;
    expect(mask[2]).toEqual([1, 1, 1, 1, 1, 1, ...new Array<number>(10).fill(0)]);
    expect(mask[8]).toEqual([1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
    expect(mask[15]).toEqual([1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
  });

  test('closes a thought at its own length: what is left of its slots is hidden, and END moves up', () => {
    const { input, talkTargets } = slotLayout(SHAPE, MARKERS, {
      ids: row([10, 11, 12, 20, 21, 22]),
      targets: row([11, 12, -100, 21, 22, -100]),
      segments: row([0, 0, 0, 1, 1, 1]),
      places: row([0, 2]),
      thoughts: row([1, 2, 3, 4]),
      lengths: row([1, 0]),
    });
    expect(flat(input.ids)).toEqual([10, 11, 12, 20, 21, 22, 46, 1, 47, 47, 11, 46, 47, 47, 47, 20]);
    expect(flat(input.positions)).toEqual([0, 1, 2, 3, 4, 5, 1, 2, 3, 3, 4, 3, 4, 5, 4, 5]);
    const mask = input.mask.arraySync()[0]!;
    // Columns 6..10: START, c_1, hidden, END, x_1; 11..15: START, two hidden, END, x_3.
    expect(mask[7]).toEqual([1, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0]);
    expect(mask[8]).toEqual([1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
    expect(mask[10]).toEqual([1, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0]);
    expect(mask[15]).toEqual([1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1]);
    expect(flat(talkTargets)).toEqual([11, 12, -1, -1]);
  });

  test('full lengths, and what is beyond them, are no lengths', () => {
    const rows = { ids: row([0, 1, 2, 3, 4, 5]), targets: row([1, 2, 3, 4, 5, 6]) };
    const of = (lengths?: tf.Tensor2D) =>
      slotLayout(SHAPE, MARKERS, {
        ...rows,
        segments: row([0, 0, 0, 0, 0, 0]),
        places: row([1, 2]),
        thoughts: row([1, 2, 3, 4]),
        ...(lengths === undefined ? {} : { lengths }),
      }).input;
    for (const lengths of [row([2, 2]), row([3, 9])])
      for (const name of ['ids', 'positions', 'mask'] as const)
        expect(flat(of(lengths)[name])).toEqual(flat(of()[name]));
  });

  test('counts a place only where all that is predicted is in its document', () => {
    const { talkTargets, talkPlaces, inside } = layout();
    expect(flat(inside)).toEqual([1, 0]);
    expect(flat(talkPlaces)).toEqual([0, 1, 2, 3]);
    expect(flat(talkTargets)).toEqual([11, 12, -1, -1]);
  });

  test('a place beyond the row counts nothing and breaks nothing', () => {
    const at = { ...SHAPE, positions: 1 };
    const { inside, talkTargets, input } = slotLayout(at, MARKERS, {
      ids: row([10, 11, 12, 20, 21, 22]),
      targets: row([11, 12, 20, 21, 22, 23]),
      segments: row([0, 0, 0, 0, 0, 0]),
      places: row([5]),
      thoughts: row([1, 2]),
    });
    expect(flat(inside)).toEqual([0]);
    expect(flat(talkTargets)).toEqual([-1, -1]);
    expect(Math.max(...flat(input.positions))).toBe(6 + 2);
  });

  test('refuses thoughts that the context has no room for', () => {
    const shape = { base: 48, positions: 4, thoughts: 2, length: 12, talk: 4 };
    expect(() => requireThoughtsFit(shape, 61)).not.toThrow();
    expect(() => requireThoughtsFit(shape, 60)).toThrow(ForgeError);
    expect(() => requireThoughtsFit({ ...shape, talk: 48 }, 100)).toThrow(/so much text/);
    expect(() => requireThoughtsFit({ ...shape, thoughts: 0 }, 100)).toThrow(/thoughts is 0/);
  });

  test('the memory that thoughts take grows with their number', async () => {
    const { architecture, config } = await MODELS['llama']!();
    const bytes = (positions: number): number =>
      thoughtMemoryBytes(architecture, config, { ...SHAPE, positions }, 2)!;
    // 4 times as many thoughts of 5 slots: rows of 46 tokens instead of 16, squares more than 8 times as large.
    expect(bytes(8) / bytes(2)).toBeGreaterThan(46 / 16);
    expect(bytes(2)).toBeGreaterThan(4 * 2 * 16 * 16 * 8);
  });
});
