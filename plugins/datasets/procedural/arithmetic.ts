import { Type, type Static } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { gradeNumber } from '../shared/grading.js';
import { questionRecord, reasonedAnswer } from '../shared/question.js';
import type { Draw } from '../../../nn/random/index.js';
import { defineGenerated } from './generated.js';

const Operation = Type.Union([Type.Literal('add'), Type.Literal('subtract'), Type.Literal('multiply')]);
type Operation = Static<typeof Operation>;

/** Sums, differences and products, worked out digit by digit as on paper. */
export const arithmetic = defineGenerated({
  name: 'arithmetic',
  description: 'Generated addition, subtraction and multiplication with written-out steps',
  category: 'math',
  count: 4000,
  options: {
    digits: withDefault(Type.Integer({ minimum: 1, maximum: 6, description: 'Most digits of a number.' }), 3),
    operations: withDefault(Type.Array(Operation, { minItems: 1, uniqueItems: true }), [
      'add',
      'subtract',
      'multiply',
    ]),
  },
  make: (draw, options) => {
    const operation = draw.pick(options.operations);
    const { a, b } = operands(draw, operation, options.digits);
    const { answer, steps } = WORK[operation](a, b);
    const question = draw.pick(phrases(operation, a, b));
    return questionRecord(question, reasonedAnswer(steps, answer), {
      operation,
      a,
      b,
      answer: String(answer),
    });
  },
  grade: gradeNumber,
});

const SIGNS: Readonly<Record<Operation, string>> = { add: '+', subtract: '-', multiply: '*' };

function phrases(operation: Operation, a: number, b: number): readonly string[] {
  const expression = `${a} ${SIGNS[operation]} ${b}`;
  const inWords: Readonly<Record<Operation, readonly string[]>> = {
    add: [`Add ${a} and ${b}.`, `What is the sum of ${a} and ${b}?`],
    subtract: [`Take ${b} away from ${a}.`, `What is the difference of ${a} and ${b}?`],
    multiply: [`Multiply ${a} by ${b}.`, `What is the product of ${a} and ${b}?`],
  };
  return [`What is ${expression}?`, `${expression} = ?`, `Calculate ${expression}.`, ...inWords[operation]];
}

function operands(
  draw: Draw,
  operation: Operation,
  digits: number,
): { readonly a: number; readonly b: number } {
  const a = draw.number(digits);
  const b = draw.number(operation === 'multiply' ? Math.max(1, digits - 1) : digits);
  return operation === 'subtract' && b > a ? { a: b, b: a } : { a, b };
}

interface Worked {
  readonly answer: number;
  readonly steps: string;
}

const WORK: Readonly<Record<Operation, (a: number, b: number) => Worked>> = { add, subtract, multiply };

/** Digits of a number, units first. */
function digitsOf(value: number): number[] {
  return [...String(value)].reverse().map(Number);
}

function add(a: number, b: number): Worked {
  const left = digitsOf(a);
  const right = digitsOf(b);
  const steps: string[] = [];
  let carry = 0;
  for (let place = 0; place < Math.max(left.length, right.length); place++) {
    const parts = [left[place] ?? 0, right[place] ?? 0, ...(carry > 0 ? [carry] : [])];
    const sum = parts.reduce((total, part) => total + part, 0);
    carry = sum >= 10 ? 1 : 0;
    steps.push(`${parts.join(' + ')} = ${sum}${carry > 0 ? `, write ${sum - 10} and carry 1` : ''}.`);
  }
  return { answer: a + b, steps: `${steps.join(' ')} So ${a} + ${b} = ${a + b}.` };
}

/** For a >= b. */
function subtract(a: number, b: number): Worked {
  const left = digitsOf(a);
  const right = digitsOf(b);
  const steps: string[] = [];
  let borrowed = 0;
  for (let place = 0; place < left.length; place++) {
    const upper = left[place]! - borrowed;
    const lower = right[place] ?? 0;
    borrowed = upper < lower ? 1 : 0;
    const from = upper + 10 * borrowed;
    steps.push(`${from} - ${lower} = ${from - lower}${borrowed > 0 ? ', borrow 1' : ''}.`);
  }
  return { answer: a - b, steps: `${steps.join(' ')} So ${a} - ${b} = ${a - b}.` };
}

/** By the places of the second number. */
function multiply(a: number, b: number): Worked {
  const parts = digitsOf(b)
    .map((digit, place) => digit * 10 ** place)
    .filter((part) => part > 0)
    .reverse();
  const steps = parts.map((part) => `${a} * ${part} = ${a * part}.`);
  let total = a * (parts[0] ?? 0);
  for (const part of parts.slice(1)) {
    steps.push(`${total} + ${a * part} = ${total + a * part}.`);
    total += a * part;
  }
  return { answer: a * b, steps: [...steps, `So ${a} * ${b} = ${a * b}.`].join(' ') };
}
