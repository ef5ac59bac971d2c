import { BLOCK, type BlockSource } from './blocks.js';
import { magnitudeAtRank } from './rank-cut.js';

// Bound once: a global looked up per element is slow where globals are proxied, as under jest.
const { abs, exp, floor, fround, log, max } = Math;

/** Keeps a probability of 0 from having an infinite logarithm. */
const EPSILON = 1e-8;

/**
 * Arcee fusion: each element counts |model - base| times the divergence KL(softmax(model row) || softmax(base row)) of
 * its row (last axis); those at or above median + 1.5 * (third quartile - first quartile) are taken from the model, the
 * others from the base (mergekit `arcee_fusion`; quartiles are elements of the sorted scores, not interpolated).
 */
export function fuseImportant(model: Float32Array, base: Float32Array, rowLength: number): Float32Array {
  const divergence = rowDivergence(model, base, rowLength);
  const scores = scoresOf(model, base, divergence, rowLength);
  const [first, median, third] = [0.25, 0.5, 0.75].map((quantile) =>
    magnitudeAtRank(scores, floor(quantile * (scores.length - 1))),
  ) as [number, number, number];
  const threshold = fround(median + 1.5 * (third - first));
  const out = new Float32Array(model.length);
  const block = new Float32Array(BLOCK);
  for (let start = 0; start < out.length;) {
    const count = scores.fill(block, start);
    for (let i = 0; i < count; i++) {
      const at = start + i;
      out[at] = block[i]! >= threshold ? model[at]! : base[at]!;
    }
    start += count;
  }
  return out;
}

function scoresOf(
  model: Float32Array,
  base: Float32Array,
  divergence: Float64Array,
  rowLength: number,
): BlockSource {
  return {
    length: model.length,
    fill: (values, start) => {
      const count = Math.min(BLOCK, model.length - start);
      let row = floor(start / rowLength);
      let left = rowLength - (start - row * rowLength);
      for (let i = 0; i < count; i++) {
        const at = start + i;
        values[i] = fround(abs(model[at]! - base[at]!)) * divergence[row]!;
        if (--left === 0) {
          row++;
          left = rowLength;
        }
      }
      return count;
    },
  };
}

/** sum p ln(p / q) of every row, p and q the softmax of the two rows plus epsilon. */
function rowDivergence(model: Float32Array, base: Float32Array, rowLength: number): Float64Array {
  const out = new Float64Array(model.length / rowLength);
  const p = new Float64Array(rowLength);
  const q = new Float64Array(rowLength);
  for (let row = 0; row < out.length; row++) {
    softmax(model, row * rowLength, p);
    softmax(base, row * rowLength, q);
    let sum = 0;
    for (let i = 0; i < rowLength; i++) sum += p[i]! * log(p[i]! / q[i]!);
    out[row] = max(0, sum);
  }
  return out;
}

function softmax(values: Float32Array, start: number, out: Float64Array): void {
  let largest = -Infinity;
  for (let i = 0; i < out.length; i++) largest = max(largest, values[start + i]!);
  let total = 0;
  for (let i = 0; i < out.length; i++) {
    const each = exp(values[start + i]! - largest);
    out[i] = each;
    total += each;
  }
  for (let i = 0; i < out.length; i++) out[i] = out[i]! / total + EPSILON;
}
