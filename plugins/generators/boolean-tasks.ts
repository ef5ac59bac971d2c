import { Type } from '@sinclair/typebox';
import { withDefault } from '../../core/contracts/options.js';
import { defineTaskGenerator } from '../../core/contracts/task.js';
import type { Draw } from '../../nn/random/index.js';
import { taskGenerator, type TaskConcept } from './shared/generator.js';
import { scaled } from './shared/scale.js';
import { worded } from './shared/sides.js';

const FEWEST = 2;

/** A word and what it says of two values, or of one. */
interface Operator {
  readonly word: 'and' | 'or';
  readonly holds: (left: boolean, right: boolean) => boolean;
}
const OPERATORS: readonly Operator[] = [
  { word: 'and', holds: (left, right) => left && right },
  { word: 'or', holds: (left, right) => left || right },
];

/** Expressions of true, false, not, and, or: from left to right, and with brackets. */
export const booleanTasks = defineTaskGenerator({
  name: 'boolean-tasks',
  description: 'Expressions of true, false, not, and, or to work out',
  options: Type.Object(
    {
      operations: withDefault(
        Type.Integer({ minimum: 3, maximum: 10, description: 'Words "and", "or", "not" at difficulty 100.' }),
        5,
      ),
    },
    { additionalProperties: false },
  ),
  create: ({ operations }) =>
    taskGenerator('boolean-tasks', [
      concept('chain', 'Go from left to right; "not" turns the value behind it around.', operations, chain),
      concept('nested', 'Work out the innermost brackets first.', operations, nested),
    ]),
});

interface Expression {
  readonly text: string;
  readonly value: boolean;
  readonly steps: readonly string[];
}

type Grow = (draw: Draw, operations: number) => Expression;

function concept(name: string, rule: string, most: number, grow: Grow): TaskConcept {
  return {
    name,
    checker: 'choice',
    area: 'It is about what is true and what is false.',
    rule,
    make: (draw, difficulty, side) => {
      const { text, value, steps } = grow(draw, scaled(draw, difficulty, FEWEST, most));
      // No reader knows which of the words comes first where no brackets say it.
      const asked = grow === chain ? `${text}, left to right` : text;
      return {
        question: worded(draw, side, {
          train: [`What is ${asked}?`, `${asked} = ?`],
          heldOut: [`Find the value of ${asked}.`, `Say if it holds: ${asked}`],
        }),
        answer: String(value),
        steps: [...steps, String(value)],
        parameters: text,
      };
    },
  };
}

/** `<step>T and F=F`: one word after the other. */
function chain(draw: Draw, operations: number): Expression {
  const first = draw.chance(0.5);
  let [text, value] = [String(first), first];
  const steps: string[] = [];
  for (let left = operations; left > 0; left--) {
    const { word, holds } = draw.pick(OPERATORS);
    const not = left > 1 && draw.chance(0.3);
    if (not) left--;
    const other = draw.chance(0.5);
    const right = other !== not;
    if (not) steps.push(`not ${short(other)}=${short(right)}`);
    steps.push(`${short(value)} ${word} ${short(right)}=${short(holds(value, right))}`);
    text = `${text} ${word} ${not ? 'not ' : ''}${other}`;
    value = holds(value, right);
  }
  return { text, value, steps };
}

/** Brackets stand around each part of more than a value, so that no order of the words is needed. */
function nested(draw: Draw, operations: number): Expression {
  if (operations === 0) {
    const value = draw.chance(0.5);
    return { text: String(value), value, steps: [] };
  }
  if (draw.chance(0.25)) {
    const inner = nested(draw, operations - 1);
    const value = !inner.value;
    return {
      text: `not ${inBrackets(inner)}`,
      value,
      steps: [...inner.steps, `not ${short(inner.value)}=${short(value)}`],
    };
  }
  const { word, holds } = draw.pick(OPERATORS);
  const before = draw.between(0, operations - 1);
  const [left, right] = [nested(draw, before), nested(draw, operations - 1 - before)];
  const value = holds(left.value, right.value);
  return {
    text: `${inBrackets(left)} ${word} ${inBrackets(right)}`,
    value,
    steps: [
      ...left.steps,
      ...right.steps,
      `${short(left.value)} ${word} ${short(right.value)}=${short(value)}`,
    ],
  };
}

function inBrackets({ text, steps }: Expression): string {
  return steps.length === 0 ? text : `(${text})`;
}

function short(value: boolean): string {
  return value ? 'T' : 'F';
}
