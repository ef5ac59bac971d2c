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

/** Dot products of `vectors`, or of their differences to `base` (rounded to float32); summed in float64. */
export function gramOf(vectors: readonly Float32Array[], base?: Float32Array): Gram {
  const size = vectors.length;
  const dots = new Float64Array(size * size);
  const length = vectors[0]!.length;
  const deltas = base ? vectors.map(() => new Float32Array(BLOCK)) : [];
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
  out: Float32Array,
  vector: Float32Array,
  base: Float32Array,
  start: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) out[i] = vector[start + i]! - base[start + i]!;
}

function addDots(dots: Float64Array, vectors: readonly Float32Array[], start: number, count: number): void {
  const size = vectors.length;
  if (size === 2) {
    addPair(dots, vectors[0]!, vectors[1]!, start, start + count);
    return;
  }
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) dots[i * size + j]! += dot(vectors[i]!, vectors[j]!, start, start + count);
  }
}

/**
 * The three products of two vectors in one reading, two sums of each side by side: see {@link dot}. No pair is written as
 * `[x, y]` here: that would make an array for every element.
 */
function addPair(dots: Float64Array, a: Float32Array, b: Float32Array, start: number, end: number): void {
  let aa = 0;
  let ab = 0;
  let bb = 0;
  let aa1 = 0;
  let ab1 = 0;
  let bb1 = 0;
  let i = start;
  for (; i + 1 < end; i += 2) {
    const x = a[i]!;
    const y = b[i]!;
    const x1 = a[i + 1]!;
    const y1 = b[i + 1]!;
    aa += x * x;
    ab += x * y;
    bb += y * y;
    aa1 += x1 * x1;
    ab1 += x1 * y1;
    bb1 += y1 * y1;
  }
  if (i < end) {
    aa += a[i]! * a[i]!;
    ab += a[i]! * b[i]!;
    bb += b[i]! * b[i]!;
  }
  dots[0]! += aa + aa1;
  dots[1]! += ab + ab1;
  dots[3]! += bb + bb1;
}

/** Four sums side by side: one alone would wait for each addition to finish before the next. */
function dot(a: Float32Array, b: Float32Array, start: number, end: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
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
