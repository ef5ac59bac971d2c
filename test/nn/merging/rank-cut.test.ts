import * as fc from 'fast-check';
import { deltasOf, magnitudeAtRank, rankCut, type RankCut } from '../../../nn/merging/index.js';
import { normals } from '../../support/merging.js';

/** Values that are equal in magnitude more often than not, and the odd ones of float32. */
const value = fc.oneof(
  fc.integer({ min: -4, max: 4 }).map((n) => n / 2),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1e-45, -1e-45, 3.4e38),
);
const values = fc.array(value, { minLength: 1, maxLength: 60 }).map((list) => Float32Array.from(list));

const numbersOf = (list: Float32Array) => deltasOf(list, new Float32Array(list.length));

function bitsOf(number: number): number {
  return new Uint32Array(Float32Array.of(Math.abs(number)).buffer)[0]!;
}

function kept(list: Float32Array, { bits, index }: RankCut): number[] {
  return [...list.keys()].filter((i) => bitsOf(list[i]!) > bits || (bitsOf(list[i]!) === bits && i <= index));
}

/** Indices of the k largest magnitudes by a full sort, the earlier of equal ones first. */
function largest(list: Float32Array, k: number): number[] {
  const order = [...list.keys()].sort((i, j) => Math.abs(list[j]!) - Math.abs(list[i]!) || i - j);
  return order.slice(0, k).sort((i, j) => i - j);
}

test('the k largest magnitudes, the earlier of equal ones, exactly k', () => {
  fc.assert(
    fc.property(values, fc.nat(), (list, seed) => {
      const k = seed % (list.length + 1);
      expect(kept(list, rankCut(numbersOf(list), k))).toEqual(largest(list, k));
    }),
    { numRuns: 500 },
  );
});

test('long tensors: over many blocks, and with the wide digits', () => {
  for (const length of [5000, 70_001]) {
    const list = normals(length, 1, 'rank', length).map((each) => Math.fround(Math.round(each * 50) / 50));
    for (const k of [1, 17, Math.floor(length / 3), length - 1]) {
      expect(kept(list, rankCut(numbersOf(list), k))).toEqual(largest(list, k));
    }
  }
});

test('all equal: the first k', () => {
  const list = new Float32Array(10_000).fill(-2);
  expect(kept(list, rankCut(numbersOf(list), 4321))).toEqual([...list.keys()].slice(0, 4321));
});

test('none and all', () => {
  const list = Float32Array.of(0, 1, -3);
  expect(kept(list, rankCut(numbersOf(list), 0))).toEqual([]);
  expect(kept(list, rankCut(numbersOf(list), 3))).toEqual([0, 1, 2]);
  expect(kept(list, rankCut(numbersOf(list), 9))).toEqual([0, 1, 2]);
});

test('magnitudes by rank are those of the sorted list', () => {
  fc.assert(
    fc.property(values, (list) => {
      const sorted = Array.from(list, (each) => Math.abs(each)).sort((a, b) => a - b);
      const found = sorted.map((_, rank) => magnitudeAtRank(numbersOf(list), rank));
      expect(found).toEqual(sorted);
    }),
    { numRuns: 100 },
  );
});
