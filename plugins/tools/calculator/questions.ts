import type { Difficulty } from '../../../core/contracts/tool.js';
import type { Draw } from '../../../nn/random/index.js';
import { scaled, type Wordings } from '../shared/questions.js';

/** So many digits in all numbers of an expression together: then it has some 16 tokens at most. */
const MOST_DIGITS = 9;

/** Difficulties from which on there is multiplication, division, and parentheses. */
const FROM = { product: 15, quotient: 40, parentheses: 60 } as const;

export const WORDINGS: Wordings<string> = {
  train: [
    (expression) => `What is ${expression}?`,
    (expression) => `Work out ${expression}.`,
    (expression) => `How much is ${expression}?`,
    (expression) => `Please compute ${expression}.`,
    (expression) => `Tell me the value of ${expression}.`,
    (expression) => `Compute ${expression}.`,
    (expression) => `Solve ${expression} for me.`,
    (expression) => `I need the value of ${expression}.`,
    (expression) => `Could you work out ${expression}?`,
    (expression) => `Say what ${expression} is.`,
    (expression) => `The result of ${expression}, please.`,
    (expression) => `${expression} makes what?`,
    (expression) => `Give me the answer to ${expression}.`,
  ],
  things: [
    (expression) => expression,
    (expression) => `the value of ${expression}`,
    (expression) => `the result of ${expression}`,
    (expression) => `the answer to ${expression}`,
  ],
  'held-out': [
    (expression) => `I want to know ${expression}.`,
    (expression) => `Can you calculate ${expression} for me?`,
    (expression) => `What do you get for ${expression}?`,
  ],
};

/** An expression of one to three operators with numbers of one to four digits. */
export function drawExpression(draw: Draw, difficulty: Difficulty): string {
  const operators = scaled(difficulty, 1, 3);
  const digits = Math.min(scaled(difficulty, 1, 4), Math.floor(MOST_DIGITS / (operators + 1)));
  const numbers = Array.from({ length: operators + 1 }, () => String(draw.number(digits, 1)));
  const signs = Array.from({ length: operators }, () => draw.pick(operatorsAt(difficulty)));
  const flat = numbers.map((number, i) => (i === 0 ? number : `${signs[i - 1]!}${number}`));
  if (operators === 1 || difficulty < FROM.parentheses || draw.chance(0.5)) return flat.join('');
  return `(${flat.slice(0, -1).join('')})${flat.at(-1)!}`;
}

function operatorsAt(difficulty: Difficulty): readonly string[] {
  return [
    ...['+', '-'],
    ...(difficulty >= FROM.product ? ['*'] : []),
    ...(difficulty >= FROM.quotient ? ['/'] : []),
  ];
}

/** How signs are said. */
const SAID: Readonly<Record<string, string>> = {
  '+': ' plus ',
  '-': ' minus ',
  '*': ' times ',
  '/': ' divided by ',
};

/** Share of the questions that say their signs, where nothing stands in parentheses. */
const SPOKEN = 0.4;

/** An expression as a question has it: `48*17+5`, or `48 times 17 plus 5`. */
export function drawnAsWords(draw: Draw, expression: string): string {
  if (expression.includes('(') || !draw.chance(SPOKEN)) return expression;
  return expression.replace(/[-+*/]/g, (sign) => SAID[sign]!);
}
