/** A measured value with its 95 % interval; the bounds are null where nothing can be said of them. */
export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** What one unit (a document, a window of a text) adds to a ratio: `sum` over `count` things. */
export interface UnitSum {
  readonly sum: number;
  readonly count: number;
}

/** Two-sided confidence of every interval here. */
const CONFIDENCE = 0.95;
/** 97.5 % quantile of the standard normal distribution. */
const NORMAL_QUANTILE = 1.959963984540054;
/** Degrees of freedom from which t and normal differ by less than 1e-5 of themselves. */
const ENOUGH = 200_000;

/**
 * The mean over all things that the units hold, R = sum(s_i) / sum(n_i), and its t interval over units: the residuals
 * e_i = s_i - R n_i of the m units give the standard error sqrt(m / (m - 1) sum(e_i^2)) / sum(n_i), with m - 1 degrees
 * of freedom (the ratio estimate: Cochran 1977, Sampling Techniques, chapter 6). Tokens of one
 * document are not independent; documents are taken to be.
 *
 * @param units at least one thing in all of them together
 * @returns without bounds for fewer than two units
 */
export function ratioEstimate(units: readonly UnitSum[]): Estimate {
  const sum = units.reduce((total, unit) => total + unit.sum, 0);
  const count = units.reduce((total, unit) => total + unit.count, 0);
  const value = sum / count;
  const counted = units.filter((unit) => unit.count > 0);
  const m = counted.length;
  if (m < 2) return { value, low: null, high: null };
  const squares = counted.reduce((total, unit) => total + (unit.sum - value * unit.count) ** 2, 0);
  const margin = (studentQuantile(m - 1) * Math.sqrt((m / (m - 1)) * squares)) / count;
  return { value, low: value - margin, high: value + margin };
}

/** Every number of an estimate through a function that grows. */
export function mapEstimate({ value, low, high }: Estimate, map: (number: number) => number): Estimate {
  return { value: map(value), low: low === null ? null : map(low), high: high === null ? null : map(high) };
}

/**
 * The share of right answers and its score interval (Wilson 1927, J. Am. Stat. Assoc. 22:209): unlike the usual one it
 * stays within 0..1 and says something when all or none are right.
 *
 * @param asked at least 1
 */
export function wilsonEstimate(right: number, asked: number): Estimate {
  const share = right / asked;
  const z2 = NORMAL_QUANTILE ** 2;
  const middle = (share + z2 / (2 * asked)) / (1 + z2 / asked);
  const spread = Math.sqrt((share * (1 - share)) / asked + z2 / (4 * asked ** 2));
  const margin = (NORMAL_QUANTILE * spread) / (1 + z2 / asked);
  // Rounding must not take a bound past what was measured.
  return {
    value: share,
    low: Math.max(0, Math.min(share, middle - margin)),
    high: Math.min(1, Math.max(share, middle + margin)),
  };
}

/** The 97.5 % quantile of Student's t distribution, to 1e-9 of itself. @param freedom degrees of freedom, at least 1 */
export function studentQuantile(freedom: number): number {
  if (freedom >= ENOUGH) return NORMAL_QUANTILE;
  // t = sqrt(freedom) tan(angle): the mass within +-t grows with the angle.
  let [low, high] = [0, Math.PI / 2];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (massWithin(middle, freedom) < CONFIDENCE) low = middle;
    else high = middle;
  }
  return Math.sqrt(freedom) * Math.tan((low + high) / 2);
}

/** P(|T| <= sqrt(freedom) tan(angle)) for whole degrees of freedom (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4). */
function massWithin(angle: number, freedom: number): number {
  const odd = freedom % 2 === 1;
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  if (freedom === 1) return (2 * angle) / Math.PI;
  // Terms of the series: cos(1 + 2/3 cos^2 + ...) when odd, 1 + 1/2 cos^2 + ... when even.
  let term = odd ? cosine : 1;
  let sum = term;
  for (let k = odd ? 3 : 2; k < freedom && term > sum * 1e-17; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
}
