import { BLOCK, type BlockSource } from './blocks.js';
import { magnitudeAtRank } from './rank-cut.js';

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
    magnitudeAtRank(scores, Math.floor(quantile * (scores.length - 1))),
  ) as [number, number, number];
  const threshold = Math.fround(median + 1.5 * (third - first));
  const out = new Float32Array(model.length);
  const block = new Float32Array(BLOCK);
  for (let start = 0; start < out.length; ) {
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
      let row = Math.floor(start / rowLength);
      let left = rowLength - (start - row * rowLength);
      for (let i = 0; i < count; i++) {
        const at = start + i;
        values[i] = Math.fround(Math.abs(model[at]! - base[at]!)) * divergence[row]!;
        if (--left === 0) {
          row++;
          left = rowLength;
        }
      }
      return count;
    },
  };
}

function rowDivergence(model: Float32Array, base: Float32Array, rowLength: number): Float64Array {
  const out = new Float64Array(model.length / rowLength);
  for (let row = 0; row < out.length; row++) {
    out[row] = Math.max(0, divergenceOfRow(model, base, row * rowLength, (row + 1) * rowLength));
  }
  return out;
}

/** sum p ln(p / q), p and q the softmax of the two rows plus epsilon. */
function divergenceOfRow(model: Float32Array, base: Float32Array, start: number, end: number): number {
  const p = softmaxTerms(model, start, end);
  const q = softmaxTerms(base, start, end);
  let sum = 0;
  for (let i = start; i < end; i++) {
    const each = Math.exp(model[i]! - p.largest) / p.total + EPSILON;
    const other = Math.exp(base[i]! - q.largest) / q.total + EPSILON;
    sum += each * Math.log(each / other);
  }
  return sum;
}

function softmaxTerms(
  values: Float32Array,
  start: number,
  end: number,
): { readonly largest: number; readonly total: number } {
  let largest = -Infinity;
  for (let i = start; i < end; i++) largest = Math.max(largest, values[i]!);
  let total = 0;
  for (let i = start; i < end; i++) total += Math.exp(values[i]! - largest);
  return { largest, total };
}
