import { cosines, normOf, type Gram } from './gram.js';
import { shares } from './weighted-sum.js';

/** Vectors this short have no direction; mergekit has the same bound. */
const LEAST_NORM = 1e-8;
/** Above this |cosine| the arc is as good as its chord; mergekit has the same bound. */
const COLINEAR = 0.9995;

/** Coefficients of the two ends after a way `t` along the straight line. */
function lerpCoefficients(t: number): [number, number] {
  return [1 - t, t];
}

/**
 * Coefficients of two vectors after a way `t` along the arc between them: sin((1-t)w)/sin w and sin(tw)/sin w, applied
 * to the vectors as they are, not to their unit vectors (Shoemake 1985). Along the line instead where there is no arc to
 * speak of: |cos w| above `colinear` (the same direction or opposite ones), or a vector of no length.
 *
 * @param cosine cos w
 * @param shorter length of the shorter of the two
 */
export function slerpCoefficients(
  cosine: number,
  shorter: number,
  t: number,
  colinear: number = COLINEAR,
): [number, number] {
  if (!(shorter > LEAST_NORM) || !(Math.abs(cosine) <= colinear)) return lerpCoefficients(t);
  const angle = Math.acos(cosine);
  const sine = Math.sin(angle);
  return [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine];
}

/** {@link slerpCoefficients} of the two vectors of a Gram matrix. */
export function slerpOf(gram: Gram, t: number, colinear?: number): [number, number] {
  const shorter = Math.min(normOf(gram, 0), normOf(gram, 1));
  const cosine = shorter > 0 ? gram.dots[1]! / (normOf(gram, 0) * normOf(gram, 1)) : 0;
  return slerpCoefficients(cosine, shorter, t, colinear);
}

export interface KarcherSettings {
  readonly maxIterations: number;
  /** Angles and tangents below it count as 0. */
  readonly tolerance: number;
}

/**
 * Coefficients of the weighted Karcher mean of N vectors (Karcher 1977): the point of the unit sphere with the least sum
 * of squared angles to their directions, times the weighted mean of their lengths. From the normalised mean of the unit
 * vectors, steps T = sum a_i (phi_i / sin phi_i)(u_i - cos phi_i u), u <- cos|T| u + sin|T| T/|T|. Every u is a
 * combination of the vectors, so only its coefficients are carried. Where the mean has no direction (opposite vectors
 * that balance) it is the weighted mean.
 */
export function karcherCoefficients(
  gram: Gram,
  weights: readonly number[],
  settings: KarcherSettings,
): number[] {
  const alphas = shares(weights);
  const norms = alphas.map((_, i) => normOf(gram, i));
  const unit = cosines(gram, LEAST_NORM);
  const directed = alphas.map((alpha, i) => (norms[i]! > LEAST_NORM ? alpha : 0));
  const tolerance = Math.max(settings.tolerance, 1e-12);
  const length = lengthOf(unit, directed);
  if (!(length > tolerance)) return alphas;
  let mean = directed.map((coefficient) => coefficient / length);
  for (let step = 0; step < settings.maxIterations; step++) {
    const tangent = tangentAt(unit, mean, shares(directed), tolerance);
    const size = lengthOf(unit, tangent);
    if (size < tolerance) break;
    mean = moved(unit, mean, tangent, size);
  }
  const scale = alphas.reduce((sum, alpha, i) => sum + alpha * norms[i]!, 0);
  return mean.map((coefficient, i) => (norms[i]! > LEAST_NORM ? (scale * coefficient) / norms[i]! : 0));
}

/**
 * Coefficients of the normalised mean: the direction of the weighted sum of the unit vectors, with the weighted sum of
 * the lengths as its length. Vectors no longer than `epsilon` have no direction. Where the sum has none either it is
 * the weighted sum of the vectors.
 */
export function normalizedMeanCoefficients(
  gram: Gram,
  weights: readonly number[],
  epsilon: number,
): number[] {
  const norms = weights.map((_, i) => normOf(gram, i));
  const directed = weights.map((weight, i) => (norms[i]! > epsilon ? weight : 0));
  const length = lengthOf(cosines(gram, epsilon), directed);
  if (!(length > epsilon)) return [...weights];
  const scale = weights.reduce((sum, weight, i) => sum + weight * norms[i]!, 0) / length;
  return directed.map((weight, i) => (weight === 0 ? 0 : (scale * weight) / norms[i]!));
}

/** Dot product of the combination `coefficients` with vector `i`. */
function dotWith({ size, dots }: Gram, coefficients: readonly number[], i: number): number {
  return coefficients.reduce((sum, coefficient, j) => sum + coefficient * dots[i * size + j]!, 0);
}

function lengthOf(gram: Gram, coefficients: readonly number[]): number {
  const square = coefficients.reduce(
    (sum, coefficient, i) => sum + coefficient * dotWith(gram, coefficients, i),
    0,
  );
  return Math.sqrt(Math.max(0, square));
}

/** Sum of the logarithms of all vectors at `mean`, weighted. A vector opposite to it has none. */
function tangentAt(
  unit: Gram,
  mean: readonly number[],
  alphas: readonly number[],
  tolerance: number,
): number[] {
  const tangent = mean.map(() => 0);
  alphas.forEach((alpha, i) => {
    const cosine = Math.min(1, Math.max(-1, dotWith(unit, mean, i)));
    const angle = Math.acos(cosine);
    if (alpha === 0 || angle < tolerance || Math.PI - angle < tolerance) return;
    const pull = (alpha * angle) / Math.sin(angle);
    tangent[i]! += pull;
    mean.forEach((coefficient, j) => {
      tangent[j]! -= pull * cosine * coefficient;
    });
  });
  return tangent;
}

/** `mean` after the step `tangent` of length `size` on the sphere, normalised against rounding. */
function moved(unit: Gram, mean: readonly number[], tangent: readonly number[], size: number): number[] {
  const turn = Math.sin(size) / size;
  const next = mean.map((coefficient, i) => Math.cos(size) * coefficient + turn * tangent[i]!);
  const length = lengthOf(unit, next);
  return next.map((coefficient) => coefficient / length);
}
