import * as tf from '@tensorflow/tfjs';
import type { Tensor2D } from '@tensorflow/tfjs';
import { inputStatistics, type CalibrationBatch } from '../../../nn/calibration/index.js';
import { withOperator } from '../../../nn/layers/index.js';
import { describeOnEngines } from '../../support/engines.js';
import { toyInputs, toySubject, toyWeights, WIDE } from './toy.js';

const LENGTH = 4;
const PAD = 7;

/** One document per row, padded to the right. */
function batchOf(...rows: readonly (readonly number[])[]): CalibrationBatch {
  const padded = rows.flatMap((ids) => [...ids, ...new Array<number>(LENGTH - ids.length).fill(PAD)]);
  const text = rows.flatMap((ids) => Array.from({ length: LENGTH }, (_, i) => (i < ids.length ? 1 : 0)));
  return {
    ids: Int32Array.from(padded),
    segments: Int32Array.from(text, (is) => 1 - is),
    text: Int32Array.from(text),
  };
}

const ROWS = [[1, 2, 3, 4], [5, 0], [6, 6, 1], [2]];
const TOKENS = ROWS.flat();
const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

/** Relative to what is expected. */
function near(found: number, expected: number, tolerance = 1e-5): void {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(tolerance * Math.max(1e-3, Math.abs(expected)));
}

describeOnEngines('statistics of inputs', (_compute, engine) => {
  const measure = async (batches: readonly CalibrationBatch[], options = {}, weights = toyWeights) => {
    const state = await engine().createState(weights);
    const shape = [batches[0]!.ids.length / LENGTH, LENGTH] as const;
    return inputStatistics(engine(), toySubject, state, batches, { shape, ...options });
  };
  const all = () => measure([batchOf(...ROWS)], { hessian: ['twice', 'down'], epsilon: 0.01 });

  test('means, peaks and shares are those of plain loops over the tokens of text', async () => {
    const { tokens, matrices } = await all();
    expect(tokens).toBe(TOKENS.length);
    for (const [name, inputs] of Object.entries(toyInputs(TOKENS))) {
      const found = matrices[name]!;
      const flat = inputs.flat();
      const sizes = flat.map(Math.abs).sort((a, b) => a - b);
      const square = mean(flat.map((x) => x ** 2));
      expect(found.tokens).toBe(inputs.length);
      expect(found.uses).toBe(inputs.length / TOKENS.length);
      near(found.rms, Math.sqrt(square));
      near(found.kurtosis, mean(flat.map((x) => x ** 4)) / square ** 2, 1e-4);
      near(found.peak, sizes.at(-1)!);
      near(found.zeros, mean(flat.map((x) => (x === 0 ? 1 : 0))));
      near(found.tokenPeak, mean(inputs.map((x) => Math.max(...x.map(Math.abs)))));
      const rounded = inputs.flatMap((x) => {
        const peak = Math.max(...x.map(Math.abs));
        return x.map((value) => (peak === 0 || Math.round((Math.abs(value) / peak) * 127) === 0 ? 1 : 0));
      });
      near(found.roundedToZero, mean(rounded));
      for (const channel of inputs[0]!.keys()) {
        const own = inputs.map((x) => x[channel]!);
        near(found.power[channel]!, mean(own.map((x) => x ** 2)));
        near(found.channelPeaks[channel]!, Math.max(...own.map(Math.abs)));
      }
      expect(found.percentiles[100]).toBe(found.peak);
      for (const percent of [50, 99] as const) {
        const exact = sizes[Math.max(1, Math.ceil((sizes.length * percent) / 100)) - 1]!;
        near(found.percentiles[percent], exact, 0.022);
      }
    }
    expect(matrices['down']!.zeros).toBeGreaterThan(0.1);
  });

  test('the Hessian of a chosen matrix is E[x x^T], and its diagonal the power', async () => {
    const { matrices } = await all();
    const inputs = toyInputs(TOKENS)['down']!;
    const { hessian, power } = matrices['down']!;
    for (let i = 0; i < WIDE; i++)
      for (let j = 0; j < WIDE; j++) {
        near(hessian![i * WIDE + j]!, mean(inputs.map((x) => x[i]! * x[j]!)));
        if (i === j) near(hessian![i * WIDE + j]!, power[i]!);
      }
    expect(matrices['twice']!.hessian).toHaveLength(9);
    expect(matrices['up']!.hessian).toBeUndefined();
  });

  test('no other constant brings the normed inputs nearer to themselves than the gain', async () => {
    const { matrices } = await all();
    const inputs = toyInputs(TOKENS)['twice']!;
    const error = (gain: number): number =>
      mean(
        inputs.flatMap((x) => {
          const deviation = Math.sqrt(mean(x.map((value) => value ** 2)) + 0.01);
          return x.map((value) => ((gain * value) / deviation - value) ** 2);
        }),
      );
    const { gain } = matrices['twice']!;
    const [before, at, after] = [error(gain * 0.99), error(gain), error(gain * 1.01)];
    expect(at).toBeLessThan(before);
    expect(at).toBeLessThan(after);
    // A parabola: in its lowest point both sides are as high.
    near(before - at, after - at, 1e-2);
  });

  test('a matrix that the pass does not multiply by token for token is named with the reason', async () => {
    const { matrices, unmeasured } = await all();
    expect(Object.keys(matrices)).toEqual(['twice', 'up', 'down', 'both']);
    expect(unmeasured).toEqual({
      pooled: 'its inputs are not one for each token',
      direct: 'the forward pass never multiplies by it as a linear layer',
    });
  });

  test('several batches are one large one; what is padding does not matter', async () => {
    const hessian = ['down'];
    const one = await measure([batchOf(...ROWS)], { hessian });
    const several = await measure(
      ROWS.map((row) => batchOf(row)),
      { hessian },
    );
    const padded = await measure([batchOf([], ...ROWS, [], [])], { hessian });
    for (const other of [several, padded]) {
      expect(other.tokens).toBe(one.tokens);
      for (const [name, { power, channelPeaks, hessian: whole, ...numbers }] of Object.entries(
        one.matrices,
      )) {
        const found = other.matrices[name]!;
        power.forEach((value, i) => near(found.power[i]!, value));
        channelPeaks.forEach((value, i) => near(found.channelPeaks[i]!, value, 1e-6));
        whole?.forEach((value, i) => near(found.hessian![i]!, value, 1e-4));
        const { percentiles, ...rest } = numbers;
        for (const [key, value] of Object.entries(rest))
          near((found as unknown as Record<string, number>)[key]!, value);
        for (const [key, value] of Object.entries(percentiles))
          near(found.percentiles[key as unknown as 50], value, 1e-5);
      }
    }
  });

  test('the same batches give the same bits, and every batch is told', async () => {
    const told: number[] = [];
    const batches = ROWS.map((row) => batchOf(row));
    const first = await measure(batches, { onBatch: (done: number) => void told.push(done) });
    expect(told).toEqual([1, 2, 3, 4]);
    expect(await measure(batches)).toEqual(first);
  });

  test('inputs are recorded before what an operator of the matrix does to them, and outputs stay', async () => {
    const state = await engine().createState(toyWeights);
    let computed = 0;
    const bind = (params: Record<string, tf.Tensor>) => {
      const weight = params['twice'] as Tensor2D;
      const multiply = (x: Tensor2D): Tensor2D => {
        computed++;
        return tf.matMul(tf.mul(x, 2) as Tensor2D, weight);
      };
      return { ...params, twice: withOperator(tf.clone(weight), { multiply }) };
    };
    const { matrices } = await inputStatistics(
      engine(),
      { ...toySubject, bind },
      state,
      [batchOf([1, 2, 3, 4])],
      { shape: [1, LENGTH] },
    );
    const plain = await measure([batchOf([1, 2, 3, 4])]);
    expect(computed).toBeGreaterThanOrEqual(2);
    // Doubled twice on the way.
    near(matrices['up']!.rms, 4 * plain.matrices['up']!.rms);
    near(matrices['twice']!.power[0]!, secondUseOf('twice'));
  });

  /** Mean square of channel 0 where every use doubles its input. */
  function secondUseOf(name: string): number {
    const inputs = toyInputs([1, 2, 3, 4])[name]!;
    return mean(inputs.map((x, i) => ((i % 2 === 0 ? 1 : 2) * x[0]!) ** 2));
  }

  test('no text, no numbers and no matrix are refused', async () => {
    await expect(measure([batchOf([])])).rejects.toMatchObject({ code: 'AF_DATA_TOO_SMALL' });
    const table = { ...toyWeights['table']!, data: toyWeights['table']!.data.map(() => Infinity) };
    await expect(
      measure([batchOf([1])], {}, { ...toyWeights, table } as typeof toyWeights),
    ).rejects.toMatchObject({ code: 'AF_MODEL_NOT_FINITE' });
    await expect(measure([batchOf([1])], { hessian: ['twic'] })).rejects.toThrow('no linear matrix twic');
  });
});
