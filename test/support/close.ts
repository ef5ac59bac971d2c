import type { HostTensor } from '../../core/contracts/tensor.js';

/** Fails unless shapes agree (when both have one) and every element is within `tolerance`, absolute. */
export function expectClose(
  found: HostTensor,
  expected: HostTensor | readonly number[],
  tolerance = 1e-5,
): void {
  const reference = 'data' in expected ? expected.data : expected;
  if ('data' in expected) expect([...found.shape]).toEqual([...expected.shape]);
  expect(found.data.length).toBe(reference.length);
  expect(largestDifference(found.data, reference)).toBeLessThanOrEqual(tolerance);
}

/** max |a - b|; NaN when anything is NaN. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
