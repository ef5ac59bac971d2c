/** What became of one test. JSON. */
export interface TheaterTest<Name extends string = string> {
  readonly name: Name;
  /** Null where it could not be measured, or does not exist (a correlation with what never varies). */
  readonly value: number | null;
  /** In words: `> 0.3`. */
  readonly limit: string;
  /** Null: not measured, or on too little to say. */
  readonly passed: boolean | null;
  /** Why it was not passed or not measured, or what a passed test leaves open; else null. */
  readonly reason: string | null;
}

/** A value against its limit. */
export interface Bound {
  readonly limit: string;
  readonly holds: (value: number) => boolean;
}

export const above = (limit: number): Bound => ({ limit: `> ${limit}`, holds: (value) => value > limit });
export const atLeast = (limit: number): Bound => ({ limit: `>= ${limit}`, holds: (value) => value >= limit });
export const atMost = (limit: number): Bound => ({ limit: `<= ${limit}`, holds: (value) => value <= limit });
export const within = ([low, high]: readonly [number, number]): Bound => ({
  limit: `${low}..${high}`,
  holds: (value) => value >= low && value <= high,
});

/** What was measured against its limit; what is not a finite number is within none. */
export function measured<N extends string>(name: N, value: number, bound: Bound): TheaterTest<N> {
  const { limit, holds } = bound;
  if (!Number.isFinite(value)) return failed(name, bound, `${value} is not ${limit}`);
  const passed = holds(value);
  return { name, value, limit, passed, reason: passed ? null : `${short(value)} is not ${limit}` };
}

/** What could not be measured. */
export function unmeasured<N extends string>(name: N, { limit }: Bound, reason: string): TheaterTest<N> {
  return { name, value: null, limit, passed: null, reason };
}

/** What was looked at and has no value: there is nothing that could be within a limit. */
export function failed<N extends string>(name: N, { limit }: Bound, reason: string): TheaterTest<N> {
  return { name, value: null, limit, passed: false, reason };
}

/** Enough digits to compare by. */
export function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
