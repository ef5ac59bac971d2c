import type { Draw } from '../../../nn/random/index.js';

/** One operation on the number so far. */
export interface Operation {
  readonly sign: '+' | '-' | '*';
  readonly by: number;
}

/** Operations one after the other on a number. */
export interface Chain {
  readonly start: number;
  readonly operations: readonly Operation[];
  /** Results are below it; null: they are plain numbers, none below zero. */
  readonly modulus: number | null;
}

/** How many operations, and the largest number that is drawn. */
export interface ChainSize {
  readonly steps: number;
  readonly largest: number;
}

/** Sums and differences that never fall below zero. */
export function drawSums(draw: Draw, { steps, largest }: ChainSize): Chain {
  const start = draw.between(1, largest);
  const operations: Operation[] = [];
  let now = start;
  while (operations.length < steps) {
    const loss = now > 0 && draw.chance(0.5);
    const operation: Operation = loss
      ? { sign: '-', by: draw.between(1, Math.min(now, largest)) }
      : { sign: '+', by: draw.between(1, largest) };
    operations.push(operation);
    now = applied(now, operation, null);
  }
  return { start, operations, modulus: null };
}

/**
 * Sums, differences and products, each modulo a number. A factor that shares a divisor with the modulus leaves fewer results,
 * so there is one of them at most, and it shares no more than 2: else a long chain would be easier to guess.
 */
export function drawModular(draw: Draw, { steps, largest }: ChainSize, modulus: number): Chain {
  let factors = Array.from({ length: Math.max(0, largest - 1) }, (_, place) => place + 2).filter(
    (factor) => factor % modulus > 1 && commonDivisor(factor, modulus) <= 2,
  );
  const operations = Array.from({ length: steps }, (): Operation => {
    const sign = draw.pick(factors.length > 0 ? (['+', '-', '*'] as const) : (['+', '-'] as const));
    if (sign !== '*') return { sign, by: draw.between(1, largest) };
    const by = draw.pick(factors);
    if (commonDivisor(by, modulus) > 1)
      factors = factors.filter((next) => commonDivisor(next, modulus) === 1);
    return { sign, by };
  });
  return { start: draw.between(1, largest), operations, modulus };
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

function applied(now: number, { sign, by }: Operation, modulus: number | null): number {
  const plain = sign === '+' ? now + by : sign === '-' ? now - by : now * by;
  return modulus === null ? plain : ((plain % modulus) + modulus) % modulus;
}

/** The start and what it is after each operation. */
export function valuesOf({ start, operations, modulus }: Chain): readonly number[] {
  const values = [start];
  for (const operation of operations) values.push(applied(values.at(-1)!, operation, modulus));
  return values;
}

/** "3+4=7": an equation for each operation. */
export function stepsOf(chain: Chain): readonly string[] {
  const values = valuesOf(chain);
  return chain.operations.map(({ sign, by }, place) => `${values[place]}${sign}${by}=${values[place + 1]}`);
}

/** "3+4*2". */
export function expressionOf({ start, operations }: Chain): string {
  return [start, ...operations.map(({ sign, by }) => `${sign}${by}`)].join('');
}
