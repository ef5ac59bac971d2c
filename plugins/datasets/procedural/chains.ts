import { Type, type Static } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { gradeNumber } from '../shared/grading.js';
import { questionRecord, reasonedAnswer } from '../shared/question.js';
import type { Draw } from '../../../nn/random/index.js';
import { defineGenerated } from './generated.js';

/** One operation on the number so far. */
export interface Operation {
  readonly sign: '+' | '-' | '*';
  readonly by: number;
}

const Kind = Type.Union([Type.Literal('words'), Type.Literal('expression')]);
type Kind = Static<typeof Kind>;

/** Calculations step after step, answered at once: the number of operations is the depth of the task. */
export const chains = defineGenerated({
  name: 'chains',
  description: 'Generated chains of operations modulo a small number, answered without written-out steps',
  category: 'math',
  count: 4000,
  options: {
    steps: withDefault(Type.Integer({ minimum: 1, maximum: 24, description: 'Most operations.' }), 6),
    modulus: withDefault(Type.Integer({ minimum: 2, maximum: 10, description: 'Results are below it.' }), 10),
    kinds: withDefault(Type.Array(Kind, { minItems: 1, uniqueItems: true }), ['words', 'expression']),
  },
  make: (draw, { steps, modulus, kinds }) => {
    const start = draw.between(0, modulus - 1);
    const operations = chain(draw, draw.between(1, steps), modulus);
    const kind = draw.pick(kinds);
    const question = draw.pick(PHRASES[kind](start, operations, modulus));
    const answer = resultOf(start, operations, modulus);
    return questionRecord(question, reasonedAnswer('', answer), {
      kind,
      depth: String(operations.length),
      answer: String(answer),
      group: `chains ${expressionOf(start, operations)} mod ${modulus}`,
    });
  },
  grade: gradeNumber,
});

/**
 * Operations in random order. A factor that shares 2 with the modulus halves the results that are left, so there is
 * one of them at most, and a factor that shares more is never taken: else a long chain would be easier to guess.
 */
function chain(draw: Draw, length: number, modulus: number): readonly Operation[] {
  const factors = Array.from({ length: modulus }, (_, factor) => factor).filter((factor) => factor > 1);
  let usable = factors.filter((factor) => commonDivisor(factor, modulus) <= 2);
  return Array.from({ length }, (): Operation => {
    const sign = draw.pick(usable.length > 0 ? (['+', '-', '*'] as const) : (['+', '-'] as const));
    if (sign !== '*') return { sign, by: draw.between(1, modulus - 1) };
    const by = draw.pick(usable);
    if (commonDivisor(by, modulus) > 1) usable = usable.filter((next) => commonDivisor(next, modulus) === 1);
    return { sign, by };
  });
}

export function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** Result of the operations, one after the other, in [0, modulus). */
export function resultOf(start: number, operations: readonly Operation[], modulus: number): number {
  return operations.reduce((now, operation) => {
    const next = applied(now, operation) % modulus;
    return next < 0 ? next + modulus : next;
  }, start % modulus);
}

function applied(now: number, { sign, by }: Operation): number {
  return sign === '+' ? now + by : sign === '-' ? now - by : now * by;
}

type Phrases = (start: number, operations: readonly Operation[], modulus: number) => readonly string[];

const PHRASES: Readonly<Record<Kind, Phrases>> = { words: inWords, expression: asExpression };

function asExpression(start: number, operations: readonly Operation[], modulus: number): readonly string[] {
  const expression = expressionOf(start, operations);
  return [
    `${expression} mod ${modulus} from left to right`,
    `From left to right, what is ${expression} mod ${modulus}?`,
  ];
}

function expressionOf(start: number, operations: readonly Operation[]): string {
  return [start, ...operations.map(({ sign, by }) => `${sign} ${by}`)].join(' ');
}

function inWords(start: number, operations: readonly Operation[], modulus: number): readonly string[] {
  const parts = operations.map(wordsFor);
  const sentences = [`start with ${start}`, ...parts].map((part) => `${capital(part)}.`).join(' ');
  const clauses = [`start with ${start}`, ...parts.slice(0, -1), `then ${parts.at(-1)}`].join(', ');
  return [
    `Count modulo ${modulus}. ${sentences} What is the result?`,
    `Modulo ${modulus}, ${clauses}.`,
    ...(modulus === 10 && staysPositive(start, operations) ? [`${sentences} Keep the last digit.`] : []),
  ];
}

function wordsFor({ sign, by }: Operation): string {
  if (sign === '+') return `add ${by}`;
  if (sign === '-') return `take away ${by}`;
  return by === 2 ? 'double it' : `multiply it by ${by}`;
}

/** Whether the last digit is the remainder, also for who does not count round: the last digit of -1 is no 9. */
function staysPositive(start: number, operations: readonly Operation[]): boolean {
  let now = start;
  return operations.every((operation) => (now = applied(now, operation)) >= 0);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
