import { slerpCoefficients } from './sphere.js';

/** Which vectors of a tensor are interpolated, each along its own arc. */
export interface VectorAxis {
  /** `first`: the elements that differ in the first index only; `last`: in the last index only. */
  readonly axis: 'first' | 'last';
  readonly shape: readonly number[];
}

/** How the tensor is walked: `outer` runs of `inner` elements; a vector is a run (`last`) or goes across them. */
interface Layout {
  readonly outer: number;
  readonly inner: number;
  readonly across: boolean;
}

function layoutOf({ axis, shape }: VectorAxis, length: number): Layout {
  const across = axis === 'first' && shape.length > 1;
  const inner = across ? length / shape[0]! : (shape.at(-1) ?? 1);
  return { outer: length / inner, inner, across };
}

/**
 * Spherical interpolation of many vectors of two tensors, or of their differences to `base`; straight where |cos| is
 * above `colinear` or a vector has no length. See {@link slerpCoefficients}.
 */
export function slerpVectors(
  [a, b]: readonly [Float32Array, Float32Array],
  base: Float32Array | undefined,
  t: number,
  vectors: VectorAxis,
  colinear: number,
): Float32Array {
  const layout = layoutOf(vectors, a.length);
  const { dots, squaresA, squaresB } = vectorDots(a, b, base, layout);
  const factorsA = new Float64Array(dots.length);
  const factorsB = new Float64Array(dots.length);
  for (let v = 0; v < dots.length; v++) {
    const lengths = Math.sqrt(squaresA[v]!) * Math.sqrt(squaresB[v]!);
    const shorter = Math.sqrt(Math.min(squaresA[v]!, squaresB[v]!));
    const cosine = lengths > 0 ? dots[v]! / lengths : 0;
    [factorsA[v], factorsB[v]] = slerpCoefficients(cosine, shorter, t, colinear);
  }
  return combine(a, b, base, layout, factorsA, factorsB);
}

function vectorDots(
  a: Float32Array,
  b: Float32Array,
  base: Float32Array | undefined,
  { outer, inner, across }: Layout,
): { dots: Float64Array; squaresA: Float64Array; squaresB: Float64Array } {
  const count = across ? inner : outer;
  const dots = new Float64Array(count);
  const squaresA = new Float64Array(count);
  const squaresB = new Float64Array(count);
  for (let o = 0, at = 0; o < outer; o++) {
    for (let k = 0; k < inner; k++, at++) {
      const v = across ? k : o;
      const origin = base ? base[at]! : 0;
      const x = a[at]! - origin;
      const y = b[at]! - origin;
      dots[v]! += x * y;
      squaresA[v]! += x * x;
      squaresB[v]! += y * y;
    }
  }
  return { dots, squaresA, squaresB };
}

function combine(
  a: Float32Array,
  b: Float32Array,
  base: Float32Array | undefined,
  { outer, inner, across }: Layout,
  factorsA: Float64Array,
  factorsB: Float64Array,
): Float32Array {
  const out = new Float32Array(a.length);
  for (let o = 0, at = 0; o < outer; o++) {
    for (let k = 0; k < inner; k++, at++) {
      const v = across ? k : o;
      const p = factorsA[v]!;
      const q = factorsB[v]!;
      const origin = base ? base[at]! * (1 - p - q) : 0;
      out[at] = origin + p * a[at]! + q * b[at]!;
    }
  }
  return out;
}
