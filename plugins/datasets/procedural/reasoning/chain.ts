import { commonDivisor, type Operation } from '../chains.js';
import type { Draw } from '../../../../nn/random/index.js';
import { numbersFor, type Shape, type Strategy } from './problem.js';

/** Operations one after the other on a number. */
export interface Chain {
  readonly start: number;
  readonly operations: readonly Operation[];
  /** Results are below it; null: they are plain numbers, none below zero. */
  readonly modulus: number | null;
}

export interface ChainRules {
  readonly modulus: number | null;
  /** What it may multiply by. */
  readonly factors: readonly number[];
  readonly strategy: Strategy;
}

/** A chain of `shape.steps` operations that suits the strategy. */
export function drawChain(draw: Draw, shape: Shape, rules: ChainRules): Chain {
  const ordinary = shape.above ?? shape.largest;
  // the last operation has no large number, so that it can always be a loss
  const [start, ...amounts] = [...numbersFor(draw, shape, shape.steps), draw.between(1, ordinary)];
  const operations: Operation[] = [];
  let factors = sumsOnly(rules.strategy) ? [] : rules.factors;
  let now = start!;
  amounts.forEach((amount, place) => {
    const last = place === amounts.length - 1;
    const losses = lossesOf(draw, now, amount, ordinary, rules);
    const needed = last && rules.strategy === 'decomposition' && operations.every(({ sign }) => sign === '+');
    const gain: Operation = { sign: '+', by: amount };
    const products: readonly Operation[] =
      factors.length === 0 || now === 0 || amount > ordinary || (last && undone(rules.strategy))
        ? []
        : [{ sign: '*', by: draw.pick(factors) }];
    const operation = draw.pick(needed ? losses : [gain, ...losses, ...products]);
    if (operation.sign === '*') factors = factorsAfter(operation.by, factors, rules.modulus);
    operations.push(operation);
    now = applied(now, operation, valuesIn(rules));
  });
  return { start: start!, operations, modulus: rules.modulus };
}

/** Gains and losses are two sides, and remainders can be taken once at the end, where nothing is multiplied. */
function sumsOnly(strategy: Strategy): boolean {
  return strategy === 'decomposition' || strategy === 'expert';
}

/** Whether the thought goes back over the last operation. */
function undone(strategy: Strategy): boolean {
  return strategy === 'self-doubt' || strategy === 'falsification';
}

/** The expert works with plain numbers and takes the remainder once. */
function valuesIn({ modulus, strategy }: ChainRules): number | null {
  return strategy === 'expert' ? null : modulus;
}

/** Plain numbers do not fall below zero: a loss is as large as what is there, but a large number stays what it is. */
function lossesOf(
  draw: Draw,
  now: number,
  amount: number,
  ordinary: number,
  rules: ChainRules,
): readonly Operation[] {
  if (valuesIn(rules) !== null || amount <= now) return [{ sign: '-', by: amount }];
  return now === 0 || amount > ordinary ? [] : [{ sign: '-', by: draw.between(1, now) }];
}

/** A factor that shares something with the modulus leaves fewer results, so there is one of them at most. */
function factorsAfter(used: number, factors: readonly number[], modulus: number | null): readonly number[] {
  if (modulus === null) return [];
  if (commonDivisor(used, modulus) === 1) return factors;
  return factors.filter((factor) => commonDivisor(factor, modulus) === 1);
}

export function applied(now: number, { sign, by }: Operation, modulus: number | null): number {
  const plain = sign === '+' ? now + by : sign === '-' ? now - by : now * by;
  return modulus === null ? plain : ((plain % modulus) + modulus) % modulus;
}

/** The start and what it is after each operation. */
export function valuesOf({ start, operations, modulus }: Chain): readonly number[] {
  const values = [start];
  for (const operation of operations) values.push(applied(values.at(-1)!, operation, modulus));
  return values;
}

/** "3+4*2". */
export function expressionOf({ start, operations }: Chain): string {
  return [start, ...operations.map(({ sign, by }) => `${sign}${by}`)].join('');
}
