import {
  bernoulliMask,
  deltasOf,
  magnitudeTrim,
  maskTrim,
  outlierTrim,
  rankedMask,
  rescaleL1,
  varianceTrim,
  type Trim,
} from '../../../nn/merging/index.js';
import { streamKey } from '../../../nn/random/index.js';
import { newBlock } from '../../../nn/merging/blocks.js';
import { normals } from '../../support/merging.js';

const zeros = (length: number) => new Float32Array(length);
const source = (list: Float32Array) => deltasOf(list, zeros(list.length));

/** A whole list, trimmed block by block. */
function trimmed(list: Float32Array, trim: Trim | null): number[] {
  const block = newBlock();
  const out: number[] = [];
  for (let start = 0; start < list.length;) {
    const count = source(list).fill(block.values, start);
    trim?.(block, start, count);
    out.push(...block.values.subarray(0, count));
    start += count;
  }
  return out;
}

const nonZero = (list: readonly number[]) => list.filter((each) => each !== 0).length;
const sum = (list: readonly number[]) => list.reduce((total, each) => total + Math.abs(each), 0);

describe('by magnitude', () => {
  test('trimmed differences, by hand', () => {
    const trims: [number[], number[]][] = [
      [
        [3, -1, 0.5, 2, -0.1],
        [3, 0, 0, 2, 0],
      ],
      [
        [-2, -1.5, 0.6, 1, 0.2],
        [-2, -1.5, 0, 0, 0],
      ],
      [
        [1, 2, -0.4, -3, 0.3],
        [0, 2, 0, -3, 0],
      ],
    ];
    for (const [given, expected] of trims) {
      const list = Float32Array.from(given);
      expect(trimmed(list, magnitudeTrim(source(list), 0.4))).toEqual(expected);
    }
  });

  test('exactly floor(density n), over many blocks and with ties', () => {
    const list = normals(10_007, 1, 'trim').map((each) => Math.fround((Math.round(each * 8) || 1) / 8));
    for (const density of [0.001, 0.2, 0.5, 0.999]) {
      const out = trimmed(list, magnitudeTrim(source(list), density));
      expect(nonZero(out)).toBe(Math.floor(density * list.length));
      const smallestKept = Math.min(...out.filter((each) => each !== 0).map(Math.abs));
      const largestDropped = Math.max(...list.filter((_, i) => out[i] === 0).map(Math.abs));
      expect(smallestKept).toBeGreaterThanOrEqual(largestDropped);
    }
  });

  test('at least one, everything at density 1', () => {
    const list = Float32Array.of(1, -5, 2);
    expect(trimmed(list, magnitudeTrim(source(list), 0))).toEqual([0, -5, 0]);
    expect(magnitudeTrim(source(list), 1)).toBeNull();
  });
});

describe('without outliers', () => {
  const list = Float32Array.from({ length: 20 }, (_, i) => (i % 2 ? -1 : 1) * (i + 1));
  const settings = { density: 0.5, gamma: 0.1, requireOutliers: false };

  test('drops the two largest and the eight smallest of twenty', () => {
    const out = trimmed(list, outlierTrim(source(list), settings));
    const expected = [...list].map((each, i) => (i >= 8 && i < 18 ? Math.abs(each) : 0));
    expect(out.map(Math.abs)).toEqual(expected);
  });

  test('drops fewer outliers where both shares cannot be had', () => {
    const out = trimmed(list, outlierTrim(source(list), { ...settings, density: 0.95, gamma: 0.5 }));
    expect(out.map(Math.abs)).toEqual([...list.subarray(0, 19).map(Math.abs), 0]);
  });

  test('less than one outlier: none is dropped, or with requireOutliers everything is', () => {
    const few = { ...settings, gamma: 0.01 };
    expect(nonZero(trimmed(list, outlierTrim(source(list), few)))).toBe(10);
    expect(trimmed(list, outlierTrim(source(list), few))[19]).toBe(-20);
    expect(nonZero(trimmed(list, outlierTrim(source(list), { ...few, requireOutliers: true })))).toBe(0);
    expect(outlierTrim(source(list), { ...few, density: 1, requireOutliers: true })).toBeNull();
  });

  test('ties: the earlier counts as the larger', () => {
    const equal = new Float32Array(10).fill(7);
    const out = trimmed(
      equal,
      outlierTrim(source(equal), { density: 0.3, gamma: 0.2, requireOutliers: false }),
    );
    expect(out).toEqual([0, 0, 7, 7, 7, 0, 0, 0, 0, 0]);
  });
});

describe('at random', () => {
  const list = normals(40_000, 1, 'random');

  test('keeps the share asked for, other elements for another key', () => {
    const mask = bernoulliMask(list.length, 0.1, streamKey(1));
    const share = nonZero([...mask]) / list.length;
    expect(Math.abs(share - 0.1)).toBeLessThan(0.005);
    expect(bernoulliMask(list.length, 0.1, streamKey(2))).not.toEqual(mask);
    expect(bernoulliMask(list.length, 0.1, streamKey(1))).toEqual(mask);
  });

  test('rescaling keeps the sum of magnitudes', () => {
    const trim = maskTrim(bernoulliMask(list.length, 0.3, streamKey(3)));
    const scale = rescaleL1(source(list), trim);
    expect((scale * sum(trimmed(list, trim))) / sum([...list])).toBeCloseTo(1, 10);
    expect(scale).toBeGreaterThan(3);
    expect(rescaleL1(source(list), null)).toBe(1);
  });

  test('nothing to rescale: nothing is', () => {
    expect(rescaleL1(source(zeros(5)), maskTrim(Uint8Array.of(1, 0, 1, 0, 1)))).toBe(1);
    expect(rescaleL1(source(list), maskTrim(new Uint8Array(list.length)))).toBe(1);
  });
});

describe('by rank and at random', () => {
  const rowLength = 5;
  const row = [0.3, -0.1, 0.9, 0.5, -0.7];
  const ascending = [1, 0, 3, 4, 2];

  test('the k-th smallest of a row is kept with density - eps + 2 eps (k-1)/(n-1)', () => {
    const rows = 20_000;
    const list = Float32Array.from(
      { length: rows * rowLength },
      (_, i) => row[i % rowLength]! * (1 + (i % 3)),
    );
    const same = Float32Array.from({ length: rows * rowLength }, (_, i) => row[i % rowLength]!);
    for (const model of [list, same]) {
      const mask = rankedMask(
        model,
        zeros(model.length),
        { density: 0.5, epsilon: 0.2, rowLength },
        streamKey(5),
      );
      const kept = new Array<number>(rowLength).fill(0);
      mask.forEach((each, i) => (kept[i % rowLength]! += each / rows));
      if (model === same) {
        ascending.forEach((at, rank) => expect(Math.abs(kept[at]! - (0.3 + 0.1 * rank))).toBeLessThan(0.015));
      }
      expect(Math.abs(kept.reduce((total, each) => total + each, 0) / rowLength - 0.5)).toBeLessThan(0.01);
    }
  });

  test('long rows, and ranks of differences to the base', () => {
    const length = 3000;
    const base = normals(length, 1, 'long-base');
    const delta = Float32Array.from({ length }, (_, i) => ((i * 7919) % length) / length);
    const model = base.map((each, i) => each + delta[i]!);
    const draws = 60;
    const kept = { small: 0, large: 0 };
    for (let seed = 0; seed < draws; seed++) {
      const settings = { density: 0.5, epsilon: 0.4, rowLength: length };
      rankedMask(model, base, settings, streamKey(seed)).forEach((each, i) => {
        if (delta[i]! < 0.1) kept.small += each;
        if (delta[i]! >= 0.9) kept.large += each;
      });
    }
    expect(Math.abs(kept.small / (draws * 300) - 0.14)).toBeLessThan(0.02);
    expect(Math.abs(kept.large / (draws * 300) - 0.86)).toBeLessThan(0.02);
  });

  test('a row of one is kept with the density', () => {
    const list = new Float32Array(20_000).fill(1);
    const settings = { density: 0.25, epsilon: 0.2, rowLength: 1 };
    const mask = rankedMask(list, zeros(list.length), settings, streamKey(6));
    expect(Math.abs(nonZero([...mask]) / list.length - 0.25)).toBeLessThan(0.01);
  });
});

describe('by variance over the models', () => {
  const models = [Float32Array.of(1, 5, 2, 0, 4), Float32Array.of(1, -5, 3, 0, 4.5)];

  test('keeps the share of the elements that vary at all', () => {
    const ones = new Float32Array(5).fill(1);
    expect(trimmed(ones, varianceTrim(models, 0.7))).toEqual([0, 1, 1, 0, 0]);
    expect(trimmed(ones, varianceTrim(models, 0.99))).toEqual([0, 1, 1, 0, 0]);
    expect(trimmed(ones, varianceTrim(models, 0.1))).toEqual([0, 0, 0, 0, 0]);
    expect(varianceTrim(models, 1)).toBeNull();
  });

  test('models that agree everywhere have nothing to select', () => {
    const same = [models[0]!, models[0]!.slice(), models[0]!.slice()];
    expect(nonZero(trimmed(new Float32Array(5).fill(1), varianceTrim(same, 0.9)))).toBe(0);
  });
});
