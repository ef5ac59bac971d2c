/** A measured value and how much it counts. */
export interface WeightedValue {
  readonly value: number;
  /** Above 0. */
  readonly weight: number;
}

/** Neighbours that were pooled: the values `from` to `to`, `to` included. */
export interface Pool extends WeightedValue {
  readonly from: number;
  readonly to: number;
}

/**
 * The non-increasing values that are nearest to the given ones by weighted squares (isotonic regression), found by pooling
 * adjacent violators: Barlow et al. 1972, Statistical Inference under Order Restrictions, section 1.2. Neighbours are pooled
 * only where they rise, so equal ones stay apart.
 *
 * @throws RangeError when a value is not finite or a weight is not above 0
 */
export function poolNonIncreasing(points: readonly WeightedValue[]): readonly Pool[] {
  const pools: Pool[] = [];
  points.forEach(({ value, weight }, place) => {
    if (!Number.isFinite(value) || !(weight > 0 && weight < Infinity))
      throw new RangeError(`point ${place} is ${value} with weight ${weight}`);
    let last: Pool = { from: place, to: place, value, weight };
    while (pools.length > 0 && pools.at(-1)!.value < last.value) last = pooled(pools.pop()!, last);
    pools.push(last);
  });
  return pools;
}

/** {@link poolNonIncreasing}, a value for each point. */
export function fitNonIncreasing(points: readonly WeightedValue[]): readonly number[] {
  return poolNonIncreasing(points).flatMap(({ from, to, value }) =>
    Array.from({ length: to - from + 1 }, () => value),
  );
}

function pooled(before: Pool, after: Pool): Pool {
  const weight = before.weight + after.weight;
  const value = (before.value * before.weight + after.value * after.weight) / weight;
  return { from: before.from, to: after.to, value, weight };
}
