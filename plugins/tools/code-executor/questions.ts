import type { Difficulty } from '../../../core/contracts/tool.js';
import type { Draw } from '../../../nn/random/index.js';
import { kindAt, scaled, type Wordings } from '../shared/questions.js';

export const WORDINGS: Wordings<string> = {
  train: [
    (program) => `Run "${program}".`,
    (program) => `What does "${program}" print?`,
    (program) => `Execute the program "${program}".`,
    (program) => `Tell me the output of "${program}".`,
    (program) => `Please run "${program}" for me.`,
    (program) => `Which output has "${program}"?`,
    (program) => `Say what "${program}" prints.`,
    (program) => `I want to run "${program}".`,
    (program) => `The code "${program}" gives what?`,
    (program) => `Could you execute "${program}"?`,
    (program) => `Here is "${program}": what does it print?`,
    (program) => `Give me the result of "${program}".`,
  ],
  things: [
    (program) => `the output of "${program}"`,
    (program) => `the result of "${program}"`,
    (program) => `the output of the code "${program}"`,
    (program) => `the output of the program "${program}"`,
  ],
  'held-out': [
    (program) => `What is printed by "${program}"?`,
    (program) => `Try "${program}" and say what comes out.`,
    (program) => `I have the code "${program}"; what is its output?`,
  ],
};

/** Programs of one shape, for numbers that it is given. */
type Shape = (a: number, b: number, c: number) => string;

/** From one statement to a loop; all have some 18 tokens at most where numbers have two digits. */
const SHAPES: readonly (readonly Shape[])[] = [
  [(a, b) => `print ${a}+${b}`, (a, b) => `print ${a}-${b}`],
  [(a, b) => `x=${a};print x+${b}`, (a, b) => `x=${a};print x*${b}`],
  [(a, b, c) => `x=${a};y=x+${b};print y*${c}`, (a, b, c) => `x=${a};x=x*${b};print x-${c}`],
  [
    (a, b) => `x=${a};repeat ${small(b)}{x=x+${b}}print x`,
    (a, b, c) => `x=${a};if x>${b}{x=x-${c}}print x`,
    (a, b) => `x=${a};while x>${b}{x=x-${small(b)}}print x`,
  ],
];

export function drawProgram(draw: Draw, difficulty: Difficulty): string {
  const digits = scaled(difficulty, 1, 2);
  const [a, b, c] = [draw.number(digits, 1), draw.number(digits, 1), draw.number(digits, 1)];
  return draw.pick(kindAt(SHAPES, difficulty))(a, b, c);
}

/** 2 to 9: how often a loop goes round, and by how much. */
function small(value: number): number {
  return 2 + (value % 8);
}
