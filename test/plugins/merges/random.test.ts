import { MERGE } from '../../../core/contracts/merge.js';
import * as merges from '../../../plugins/merges/index.js';
import { implementationOf } from '../../../testing/index.js';
import { family, inputOf, mergeWith } from '../../support/merging.js';

describe('dare', () => {
  const { base, models } = family(10_000, 1, 1e-3);
  const model = models[0]!;
  const plugin = merges.dare();

  test('drops nothing at density 1: the model', async () => {
    expect(await mergeWith(merges.dare({ density: 1 }), { base, models })).toEqual(model);
  });

  test('keeps a tenth of the differences, ten times as large', async () => {
    const merged = await mergeWith(plugin, { base, models });
    const changed = [...merged.keys()].filter((i) => merged[i] !== base[i]);
    expect(Math.abs(changed.length / merged.length - 0.1)).toBeLessThan(0.005 + 0.005);
    for (const i of changed.slice(0, 200))
      expect(merged[i]! - base[i]!).toBeCloseTo(10 * (model[i]! - base[i]!), 5);
  });

  test('1000 draws: the mean is the model within 3 standard errors, a tenth is kept', async () => {
    const [draws, size] = [1000, 200];
    const start = base.subarray(0, size);
    const end = model.subarray(0, size);
    const means = new Float64Array(size);
    let kept = 0;
    const method = await implementationOf(MERGE, plugin);
    for (let seed = 0; seed < draws; seed++) {
      const merged = method.merge(inputOf(method, { base: start, models: [end], seed }));
      for (let i = 0; i < size; i++) {
        means[i]! += merged[i]! / draws;
        if (merged[i] !== start[i]) kept++;
      }
    }
    expect(Math.abs(kept / (draws * size) - 0.1)).toBeLessThan(0.005);
    const errors = Array.from(means, (mean, i) => {
      const delta = Math.abs(end[i]! - start[i]!);
      return Math.abs(mean - end[i]!) / ((delta * 3) / Math.sqrt(draws));
    });
    const beyond = errors.filter((error) => error > 3).length;
    expect(beyond / size).toBeLessThanOrEqual(0.02);
    expect(errors.reduce((sum, error) => sum + error * error, 0) / size).toBeGreaterThan(0.6);
    expect(errors.reduce((sum, error) => sum + error * error, 0) / size).toBeLessThan(1.5);
  });

  test('large differences: half is kept unless told otherwise', async () => {
    const large = family(10_000, 1, 0.02);
    const share = async (options: Parameters<typeof merges.dare>[0]) => {
      const merged = await mergeWith(merges.dare(options), large);
      return merged.filter((each, i) => each !== large.base[i]).length / merged.length;
    };
    expect(await share({})).toBeCloseTo(0.5, 1);
    expect(await share({ cautious: false })).toBeCloseTo(0.1, 1);
    expect(await share({ density: 0.8 })).toBeCloseTo(0.8, 1);
  });

  test('several models: the mean of each, dropped on its own', async () => {
    const three = family(5000, 3, 1e-3);
    const merged = await mergeWith(plugin, three);
    const changed = merged.filter((each, i) => each !== three.base[i]).length / merged.length;
    expect(changed).toBeGreaterThan(0.24);
    expect(changed).toBeLessThan(0.3);
  });
});

describe.each([
  ['dare-linear', merges.dareLinear({ density: 0.3 })],
  ['dare-ties', merges.dareTies({ density: 0.3 })],
  ['della-linear', merges.dellaLinear({ density: 0.3, epsilon: 0.1 })],
  ['della', merges.della({ density: 0.3, epsilon: 0.1 })],
])('%s of one model', (name, plugin) => {
  const { base, models } = family(6000, 1);
  const shape = [60, 100];
  const deltas = models[0]!.map((each, i) => each - base[i]!);
  const magnitudes = (list: Float32Array) => list.reduce((sum, each) => sum + Math.abs(each), 0);

  test('keeps the density, and the sum of magnitudes', async () => {
    let kept = 0;
    for (let seed = 0; seed < 20; seed++) {
      const merged = (await mergeWith(plugin, { base, models, shape, seed })).map(
        (each, i) => each - base[i]!,
      );
      expect(magnitudes(merged) / magnitudes(deltas)).toBeCloseTo(1, 4);
      kept += merged.filter((each) => Math.abs(each) > 1e-7).length / merged.length / 20;
    }
    expect(Math.abs(kept - 0.3)).toBeLessThan(0.005);
  });

  test('the mean over seeds is the difference times what rescaling makes of it', async () => {
    const draws = 400;
    const size = 400;
    const [start, end] = [base.subarray(0, size), models[0]!.subarray(0, size)];
    const means = new Float64Array(size);
    const method = await implementationOf(MERGE, plugin);
    for (let seed = 0; seed < draws; seed++) {
      const merged = method.merge(inputOf(method, { base: start, models: [end], shape: [4, 100], seed }));
      for (let i = 0; i < size; i++) means[i]! += (merged[i]! - start[i]!) / draws;
    }
    const [xx, xy] = [...means].reduce<[number, number]>(
      ([xx, xy], mean, i) => [xx + deltas[i]! * deltas[i]!, xy + deltas[i]! * mean],
      [0, 0],
    );
    const slope = xy / xx;
    if (name.startsWith('dare')) expect(Math.abs(slope - 1)).toBeLessThan(0.02);
    // DELLA keeps large differences more often: they come out larger than they were, small ones smaller.
    else expect(slope).toBeGreaterThan(1.02);
    expect(slope).toBeLessThan(1.3);
  });
});

test('dare-ties and della drop the minority sign', async () => {
  const base = new Float32Array(2000);
  const up = new Float32Array(2000).fill(0.02);
  const down = new Float32Array(2000).fill(-0.01);
  for (const plugin of [merges.dareTies({ density: 0.5 }), merges.della({ density: 0.5 })]) {
    const merged = await mergeWith(plugin, { base, models: [up, down], shape: [20, 100] });
    const signs = [1, -1, 0].map((sign) => merged.filter((each) => Math.sign(each) === sign).length / 2000);
    expect(signs[0]).toBeCloseTo(0.5, 1);
    expect(signs[1]).toBeCloseTo(0.25, 1);
    expect(signs[2]).toBeCloseTo(0.25, 1);
  }
});

test('della: an epsilon that leaves no probability is cut down to the density', async () => {
  const { base, models } = family(4000, 1);
  const given = { base, models, shape: [40, 100] };
  const wide = await mergeWith(merges.della({ density: 0.2, epsilon: 0.5 }), given);
  expect(wide).toEqual(await mergeWith(merges.della({ density: 0.2, epsilon: 0.2 }), given));
  expect(wide.filter((each, i) => each !== base[i]).length / 4000).toBeCloseTo(0.2, 1);
});
