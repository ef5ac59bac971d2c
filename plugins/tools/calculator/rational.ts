import { ToolStop } from '../shared/outcome.js';

/** A fraction in lowest terms. */
export interface Rational {
  readonly numerator: bigint;
  /** At least 1. */
  readonly denominator: bigint;
}

/** Numerators and denominators stay below it in magnitude: no chain of operations makes them grow without end. */
const BOUND = 10n ** 30n;

/** Decimals of a result. */
const DECIMALS = 6;

const UNIT = 10n ** BigInt(DECIMALS);

/** @throws ToolStop `arithmetic` for a denominator of 0, `limit` for numbers beyond the bound */
export function rational(numerator: bigint, denominator = 1n): Rational {
  if (denominator === 0n) throw new ToolStop('arithmetic', 'division by zero');
  const sign = denominator < 0n ? -1n : 1n;
  const divisor = sign * greatestCommonDivisor(magnitude(numerator), magnitude(denominator));
  const reduced = { numerator: numerator / divisor, denominator: denominator / divisor };
  if (magnitude(reduced.numerator) >= BOUND || reduced.denominator >= BOUND)
    throw new ToolStop('limit', 'a number of more than 30 digits');
  return reduced;
}

export function negated({ numerator, denominator }: Rational): Rational {
  return { numerator: -numerator, denominator };
}

function sum(a: Rational, b: Rational): Rational {
  return rational(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export type Operator = '+' | '-' | '*' | '/';

export const OPERATIONS: Readonly<Record<Operator, (a: Rational, b: Rational) => Rational>> = {
  '+': sum,
  '-': (a, b) => sum(a, negated(b)),
  '*': (a, b) => rational(a.numerator * b.numerator, a.denominator * b.denominator),
  '/': (a, b) => rational(a.numerator * b.denominator, a.denominator * b.numerator),
};

/** As a decimal number, rounded to six decimals, halves away from zero, without zeros at its end. */
export function decimalOf({ numerator, denominator }: Rational): string {
  const scaled = (2n * magnitude(numerator) * UNIT + denominator) / (2n * denominator);
  const fraction = String(scaled % UNIT)
    .padStart(DECIMALS, '0')
    .replace(/0+$/, '');
  const sign = numerator < 0n && scaled > 0n ? '-' : '';
  return `${sign}${scaled / UNIT}${fraction === '' ? '' : `.${fraction}`}`;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** 1 where both are 0. */
function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? 1n : a;
}
