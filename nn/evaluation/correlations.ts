/**
 * Pearson's correlation of pairs of numbers.
 *
 * @returns -1..1; null where it does not exist: fewer than two pairs, or one side does not vary
 * @throws RangeError when the sides are not of one length
 */
export function pearson(xs: readonly number[], ys: readonly number[]): number | null {
  requireOneLength(xs, ys);
  if (!varies(xs) || !varies(ys)) return null;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  let [products, squaresX, squaresY] = [0, 0, 0];
  for (const [i, x] of xs.entries()) {
    const [dx, dy] = [x - meanX, ys[i]! - meanY];
    products += dx * dy;
    squaresX += dx * dx;
    squaresY += dy * dy;
  }
  const scale = Math.sqrt(squaresX) * Math.sqrt(squaresY);
  // Differences too small for their squares to be numbers are none.
  return scale === 0 ? null : Math.max(-1, Math.min(1, products / scale));
}

/** Spearman's correlation: Pearson's of the ranks, equal numbers sharing the mean of theirs. Otherwise as {@link pearson}. */
export function spearman(xs: readonly number[], ys: readonly number[]): number | null {
  requireOneLength(xs, ys);
  return pearson(ranks(xs), ranks(ys));
}

/**
 * Area under the receiver operating characteristic: how often a score is higher where the label is true than where it is
 * false, equal scores counted half (the Mann-Whitney statistic; Hanley and McNeil 1982, Radiology 143:29).
 *
 * @returns 0..1, 0.5 for scores that say nothing; null where one of the labels is missing
 * @throws RangeError when the sides are not of one length
 */
export function auroc(scores: readonly number[], labels: readonly boolean[]): number | null {
  requireOneLength(scores, labels);
  const positives = labels.filter((label) => label).length;
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return null;
  let sum = 0;
  for (const [i, rank] of ranks(scores).entries()) if (labels[i]!) sum += rank;
  return (sum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Ranks from 1; equal numbers have the mean of the ranks that they take up. */
export function ranks(values: readonly number[]): number[] {
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const result = new Array<number>(values.length).fill(0);
  for (let first = 0; first < order.length;) {
    let end = first;
    while (end < order.length && values[order[end]!] === values[order[first]!]) end++;
    for (let i = first; i < end; i++) result[order[i]!] = (first + 1 + end) / 2;
    first = end;
  }
  return result;
}

function varies(values: readonly number[]): boolean {
  return values.some((value) => value !== values[0]);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function requireOneLength(a: readonly unknown[], b: readonly unknown[]): void {
  if (a.length !== b.length)
    throw new RangeError(`${a.length} numbers cannot be paired with ${b.length} others`);
}
