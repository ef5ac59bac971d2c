import { ARCHITECTURE } from '../../../core/contracts/architecture.js';
import type { Engine } from '../../../core/contracts/engine.js';
import { inputStatistics, outlierTable, subLnGains } from '../../../nn/calibration/index.js';
import { initializeWeights } from '../../../nn/models/index.js';
import { specsOf } from '../../../nn/training/index.js';
import { llama, titansMag } from '../../../plugins/index.js';
import {
  completeHyperparameters,
  implementationOf,
  tinyLlama,
  tinyTitansMag,
} from '../../../testing/index.js';
import { openTestEngine } from '../../support/training.js';

const [ROWS, LENGTH] = [4, 16];

let engine: Engine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.dispose());

const FAMILIES = [
  ['titans-mag', titansMag(), tinyTitansMag()],
  ['llama', llama(), tinyLlama()],
  ['llama with a head of its own', llama(), tinyLlama({ tiedHead: false })],
] as const;

async function statisticsOf([, plugin, given]: (typeof FAMILIES)[number], rows: number) {
  const architecture = await implementationOf(ARCHITECTURE, plugin);
  const config = await completeHyperparameters(architecture, given);
  const tensors = architecture.describe(config);
  const weights = initializeWeights(tensors, 3);
  const size = ROWS * LENGTH;
  const ids = Int32Array.from({ length: size }, (_, i) => (i * 17 + 5) % 40);
  const segments = Int32Array.from({ length: size }, (_, i) => (i % LENGTH < 9 ? 0 : 1));
  const text = Int32Array.from({ length: size }, (_, i) => (i % LENGTH === 15 ? 0 : 1));
  const part = (array: Int32Array, batch: number): Int32Array =>
    array.subarray(batch * rows * LENGTH, (batch + 1) * rows * LENGTH);
  const batches = Array.from({ length: ROWS / rows }, (_, batch) => ({
    ids: part(ids, batch),
    segments: part(segments, batch),
    text: part(text, batch),
  }));
  const state = await engine.createState(weights);
  const subject = { architecture, config, specs: specsOf(weights) };
  const found = await inputStatistics(engine, subject, state, batches, { shape: [rows, LENGTH] });
  await state.dispose();
  return { tensors, found };
}

describe.each(FAMILIES)('%s', (...family) => {
  test('every linear matrix of a forward pass is measured, in its own number of channels', async () => {
    const { tensors, found } = await statisticsOf(family, ROWS);
    expect(found.tokens).toBe(60);
    const linear = tensors.filter((tensor) => tensor.linear === true);
    const heads = linear.filter(({ role }) => role === 'output-head').map(({ name }) => name);
    // The head is multiplied by where logits are needed, not by the pass.
    expect(Object.keys(found.unmeasured)).toEqual(heads);
    expect(Object.keys(found.matrices)).toHaveLength(linear.length - heads.length);
    for (const { name, shape, layout } of linear) {
      if (heads.includes(name)) continue;
      const { power, uses, tokens, rms } = found.matrices[name]!;
      expect(power).toHaveLength(shape[layout === 'out-in' ? 1 : 0]!);
      expect(tokens).toBe(60 * uses);
      expect(rms).toBeGreaterThan(0);
    }
  });

  test('four batches of a row are one of four rows', async () => {
    const { found: one } = await statisticsOf(family, ROWS);
    const { found: several } = await statisticsOf(family, 1);
    for (const [name, { power, rms, gain, channelPeaks }] of Object.entries(one.matrices)) {
      const other = several.matrices[name]!;
      expect(Math.abs(other.rms / rms - 1)).toBeLessThan(1e-5);
      expect(Math.abs(other.gain / gain - 1)).toBeLessThan(1e-5);
      power.forEach((value, i) => expect(other.power[i]! / value).toBeCloseTo(1, 4));
      channelPeaks.forEach((value, i) => expect(other.channelPeaks[i]! / value).toBeCloseTo(1, 4));
    }
  });
});

test('matrices of the recursion are counted at each of its steps, queries and keys by what reads them', async () => {
  const { found } = await statisticsOf(FAMILIES[0], ROWS);
  const uses = (name: string): number => found.matrices[name]!.uses;
  // Two steps of one refinement each, over features that are prepared once and answers that are prepared each step.
  expect(uses('recursion.refine.first')).toBe(2);
  expect(uses('recursion.update.second')).toBe(2);
  expect(uses('recursion.features.query')).toBe(2);
  expect(uses('recursion.features.key')).toBe(1);
  expect(uses('recursion.answer.key')).toBe(2);
  expect(uses('layers.0.attention.key')).toBe(1);
  // One gate for all layers.
  expect(uses('gate.first')).toBe(2);
});

test('gains of norms are constants near the size of the input, and a head of its own has none', async () => {
  const { found } = await statisticsOf(FAMILIES[2], ROWS);
  const name = 'model.layers.0.mlp.down_proj.weight';
  const gains = subLnGains(found, [name]);
  const { data, shape } = gains[`${name}.subln`]!;
  expect(shape).toEqual([found.matrices[name]!.power.length]);
  expect(new Set(data).size).toBe(1);
  expect(data[0]).toBe(Math.fround(found.matrices[name]!.gain));
  expect(() => subLnGains(found, ['lm_head.weight'])).toThrow(
    'Nothing is known of what goes into lm_head.weight',
  );
  expect(() => subLnGains(found, ['nothing'])).toThrow('Nothing is known');
});

test('the table of outliers begins with the worst and ends with what was not measured', async () => {
  const { found, tensors } = await statisticsOf(FAMILIES[2], ROWS);
  const { rows, columns, title } = outlierTable(found, tensors);
  expect(rows).toHaveLength(Object.keys(found.matrices).length + 1);
  expect(rows.every((row) => row.length === columns.length)).toBe(true);
  const spreads = Object.values(found.matrices).map(({ peak, rms }) => peak / rms);
  expect(rows[0]![3]).toBe(`${Math.max(...spreads).toFixed(1)}x`);
  expect(rows.at(-1)).toEqual(expect.arrayContaining(['lm_head.weight', 'output-head']));
  expect(title).toContain('60 tokens');
  const short = outlierTable(found, tensors, 2);
  expect(short.rows).toHaveLength(3);
  expect(short.rows[0]).toEqual(rows[0]);
  expect(short.title).toContain(`the 2 of ${spreads.length}`);
});
