/** A number as people write it: sign, currency, thousands separators, decimals. */
const NUMBER = /(?<![\w).])[-−]?\$?(?:\d[\d,]*(?:\.\d+)?|\.\d+)/g;

/** Relative difference that rounding of decimals may leave; two whole numbers below 10^9 are never as near. */
const TOLERANCE = 1e-9;

/** The numbers in a text, in their order. A minus sign behind a number or a bracket is one between two numbers. */
export function numbersIn(text: string): readonly number[] {
  return (text.match(NUMBER) ?? []).map((written) => Number(written.replace('−', '-').replace(/[$,]/g, '')));
}

/** The number that a text is, and nothing else; null: it is none. */
export function numberOf(text: string): number | null {
  const [written, ...more] = text.trim().match(NUMBER) ?? [];
  return written !== undefined && more.length === 0 && written === text.trim().replace(/\.$/, '')
    ? numbersIn(written)[0]!
    : null;
}

export function sameNumber(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b));
}
