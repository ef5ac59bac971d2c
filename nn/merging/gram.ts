import { BLOCK } from './blocks.js';

/**
 * All dot products of some vectors, `dots[i * size + j]`. Whatever an interpolation on the sphere needs (norms,
 * angles, the mean and its distance to each vector) lies in the span of the vectors, so it follows from this small
 * matrix: the big tensors are read once for it and once for the weighted sum.
 */
export interface Gram {
  readonly size: number;
  readonly dots: Float64Array;
}

/** Dot products of `vectors`, or of their differences to `base`; float64 throughout. */
export function gramOf(vectors: readonly Float32Array[], base?: Float32Array): Gram {
  const size = vectors.length;
  const dots = new Float64Array(size * size);
  const length = vectors[0]!.length;
  const deltas = base ? vectors.map(() => new Float64Array(BLOCK)) : [];
  for (let start = 0; start < length; start += BLOCK) {
    const count = Math.min(BLOCK, length - start);
    if (base) {
      vectors.forEach((vector, i) => subtract(deltas[i]!, vector, base, start, count));
      addDots(dots, deltas, 0, count);
    } else {
      addDots(dots, vectors, start, count);
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) dots[i * size + j] = dots[j * size + i]!;
  return { size, dots };
}

/** Length of vector `i`. */
export function normOf({ size, dots }: Gram, i: number): number {
  return Math.sqrt(dots[i * size + i]!);
}

/** Dot products of the unit vectors: cosines. Rows and columns of vectors no longer than `least` are 0. */
export function cosines(gram: Gram, least = 0): Gram {
  const { size, dots } = gram;
  const inverse = Array.from({ length: size }, (_, i) => {
    const norm = normOf(gram, i);
    return norm > least ? 1 / norm : 0;
  });
  const unit = dots.map((dot, at) => dot * inverse[Math.floor(at / size)]! * inverse[at % size]!);
  return { size, dots: unit };
}

function subtract(
  out: Float64Array,
  vector: Float32Array,
  base: Float32Array,
  start: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) out[i] = vector[start + i]! - base[start + i]!;
}

function addDots(
  dots: Float64Array,
  vectors: readonly (Float32Array | Float64Array)[],
  start: number,
  count: number,
): void {
  const size = vectors.length;
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) dots[i * size + j]! += dot(vectors[i]!, vectors[j]!, start, start + count);
  }
}

/** Four sums side by side: one alone would wait for each addition to finish before the next. */
function dot(
  a: Float32Array | Float64Array,
  b: Float32Array | Float64Array,
  start: number,
  end: number,
): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = start;
  for (; i + 3 < end; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (; i < end; i++) s0 += a[i]! * b[i]!;
  return s0 + s1 + (s2 + s3);
}
