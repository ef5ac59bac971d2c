import { demand } from './reader.js';

/** An operation that is expected. */
export interface Expected {
  readonly a: number;
  readonly sign: string;
  readonly b: number;
}

/**
 * Reads "3+4=7". Gives the result.
 * @throws Flaw when it is another equation than the expected one, or does not hold
 */
export function equation(text: string, { a, sign, b }: Expected, modulus: number | null = null): number {
  const [, left, operator, right, result] = /^(\d+)([-+*%])(\d+)=(\d+)$/.exec(text) ?? [];
  demand(result !== undefined, `"${text}" is no equation`);
  demand(
    left === String(a) && operator === sign && right === String(b),
    `"${text}" should be about ${a}${sign}${b}`,
  );
  const value = compute(a, sign, b, modulus);
  demand(result === String(value), `"${text}" does not hold: it is ${value}`);
  return value;
}

export function compute(a: number, sign: string, b: number, modulus: number | null): number {
  const plain = sign === '+' ? a + b : sign === '-' ? a - b : sign === '*' ? a * b : a % b;
  if (modulus === null) return plain;
  const rest = plain % modulus;
  return rest < 0 ? rest + modulus : rest;
}

/** The sign that takes an operation back; only sums and differences can be. */
export function opposite(sign: string): string {
  demand(sign === '+' || sign === '-', `${sign} cannot be taken back`);
  return sign === '+' ? '-' : '+';
}

export function signed(number: number): string {
  return number < 0 ? String(number) : `+${number}`;
}
