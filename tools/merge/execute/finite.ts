/** Index of the first NaN or infinity, or -1. */
export function firstNonFinite(values: Float32Array): number {
  if (isFinite4(values)) return -1;
  return values.findIndex((value) => !Number.isFinite(value));
}

/** Index of the first number whose magnitude is `limit` or more (or NaN), or -1. */
export function firstBeyond(values: Float32Array, limit: number): number {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]!) < limit)) return i;
  return -1;
}

/**
 * A sum in float64 of numbers that are float32 cannot overflow: it is finite exactly when all of them are. One sum tells
 * without a branch per element; four lanes keep the additions from waiting for each other.
 */
function isFinite4(values: Float32Array): boolean {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const fours = values.length - (values.length % 4);
  for (let i = 0; i < fours; i += 4) {
    a += values[i]!;
    b += values[i + 1]!;
    c += values[i + 2]!;
    d += values[i + 3]!;
  }
  for (let i = fours; i < values.length; i++) a += values[i]!;
  return Number.isFinite(a + b + c + d);
}
