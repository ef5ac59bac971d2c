import { BLOCK } from './blocks.js';

/**
 * sum_i coefficients[i] * vectors[i], added in float64 and rounded once. Terms of coefficient 0 are left out; a single
 * term of coefficient 1 is returned as it is, not copied.
 *
 * @param out memory for the result, apart from the vectors; new memory without it
 */
export function weightedSum(
  vectors: readonly Float32Array[],
  coefficients: readonly number[],
  out?: Float32Array,
): Float32Array {
  const used = vectors.filter((_, i) => coefficients[i] !== 0);
  const factors = coefficients.filter((coefficient) => coefficient !== 0);
  const [a, b, c] = used;
  const [p = 0, q = 0, r = 0] = factors;
  if (a && !b && p === 1) return a;
  const sum = out ?? new Float32Array(vectors[0]!.length);
  if (!a) return sum.fill(0);
  if (!b) return scaled(sum, a, p);
  if (!c) return sumOfTwo(sum, a, p, b, q);
  if (used.length === 3) return sumOfThree(sum, a, p, b, q, c, r);
  return sumOfMany(sum, used, factors);
}

function scaled(out: Float32Array, a: Float32Array, p: number): Float32Array {
  for (let i = 0; i < out.length; i++) out[i] = p * a[i]!;
  return out;
}

/** Four elements a turn: a third less time than one. */
function sumOfTwo(out: Float32Array, a: Float32Array, p: number, b: Float32Array, q: number): Float32Array {
  const fours = out.length - (out.length % 4);
  for (let i = 0; i < fours; i += 4) {
    out[i] = p * a[i]! + q * b[i]!;
    out[i + 1] = p * a[i + 1]! + q * b[i + 1]!;
    out[i + 2] = p * a[i + 2]! + q * b[i + 2]!;
    out[i + 3] = p * a[i + 3]! + q * b[i + 3]!;
  }
  for (let i = fours; i < out.length; i++) out[i] = p * a[i]! + q * b[i]!;
  return out;
}

function sumOfThree(
  out: Float32Array,
  a: Float32Array,
  p: number,
  b: Float32Array,
  q: number,
  c: Float32Array,
  r: number,
): Float32Array {
  const fours = out.length - (out.length % 4);
  for (let i = 0; i < fours; i += 4) {
    out[i] = p * a[i]! + q * b[i]! + r * c[i]!;
    out[i + 1] = p * a[i + 1]! + q * b[i + 1]! + r * c[i + 1]!;
    out[i + 2] = p * a[i + 2]! + q * b[i + 2]! + r * c[i + 2]!;
    out[i + 3] = p * a[i + 3]! + q * b[i + 3]! + r * c[i + 3]!;
  }
  for (let i = fours; i < out.length; i++) out[i] = p * a[i]! + q * b[i]! + r * c[i]!;
  return out;
}

function sumOfMany(
  out: Float32Array,
  vectors: readonly Float32Array[],
  factors: readonly number[],
): Float32Array {
  const sums = new Float64Array(BLOCK);
  for (let start = 0; start < out.length; start += BLOCK) {
    const count = Math.min(BLOCK, out.length - start);
    sums.fill(0);
    for (let m = 0; m < vectors.length; m++) addScaled(sums, vectors[m]!, factors[m]!, start, count);
    for (let i = 0; i < count; i++) out[start + i] = sums[i]!;
  }
  return out;
}

function addScaled(
  sums: Float64Array,
  vector: Float32Array,
  factor: number,
  start: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) sums[i]! += factor * vector[start + i]!;
}

/** `weights` divided by their sum; equal shares when the sum is too close to 0 to divide by. */
export function shares(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (Math.abs(total) < 1e-8) return weights.map(() => 1 / weights.length);
  return weights.map((weight) => weight / total);
}
