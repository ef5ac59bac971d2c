import { Type } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { gradeText } from '../shared/grading.js';
import { questionRecord, reasonedAnswer } from '../shared/question.js';
import type { Draw } from '../../../nn/random/index.js';
import { defineGenerated } from './generated.js';

interface Sequence {
  /** The terms shown, then the one asked for. */
  readonly terms: readonly (number | string)[];
  readonly rule: string;
  readonly step: string;
}

/** Number and letter sequences to continue, with the rule named. */
export const sequences = defineGenerated({
  name: 'sequences',
  description: 'Generated sequences to continue, with the rule behind them',
  category: 'math',
  count: 3000,
  options: {
    shown: withDefault(Type.Integer({ minimum: 4, maximum: 10, description: 'Terms shown.' }), 5),
  },
  make: (draw, { shown }) => {
    const [kind, build] = draw.pick(KINDS);
    const { terms, rule, step } = build(draw, shown);
    const answer = String(terms[shown]);
    const start = terms.slice(0, shown).join(', ');
    const question = draw.pick([
      `What comes next: ${start}?`,
      `Continue the sequence ${start}.`,
      `Find the next term of ${start}.`,
    ]);
    return questionRecord(question, reasonedAnswer(`${rule} ${step}`, answer), { kind, answer });
  },
  grade: gradeText,
});

type Build = (draw: Draw, shown: number) => Sequence;

const KINDS: readonly (readonly [kind: string, build: Build])[] = [
  ['arithmetic', arithmeticSequence],
  ['descending', descendingSequence],
  ['geometric', geometricSequence],
  ['growing', growingSequence],
  ['fibonacci', fibonacciSequence],
  ['letters', letterSequence],
  ['cycle', cycleSequence],
];

function numbers(count: number, term: (index: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => term(index));
}

function arithmeticSequence(draw: Draw, shown: number): Sequence {
  const first = draw.between(0, 60);
  const step = draw.between(1, 15);
  const terms = numbers(shown + 1, (i) => first + i * step);
  return {
    terms,
    rule: `Each number is ${step} more than the one before.`,
    step: `${terms[shown - 1]} + ${step} = ${terms[shown]}.`,
  };
}

function descendingSequence(draw: Draw, shown: number): Sequence {
  const step = draw.between(1, 12);
  const first = shown * step + draw.between(0, 60);
  const terms = numbers(shown + 1, (i) => first - i * step);
  return {
    terms,
    rule: `Each number is ${step} less than the one before.`,
    step: `${terms[shown - 1]} - ${step} = ${terms[shown]}.`,
  };
}

function geometricSequence(draw: Draw, shown: number): Sequence {
  const first = draw.between(1, 12);
  const factor = draw.between(2, 4);
  const terms = numbers(shown + 1, (i) => first * factor ** i);
  return {
    terms,
    rule: `Each number is ${factor} times the one before.`,
    step: `${terms[shown - 1]} * ${factor} = ${terms[shown]}.`,
  };
}

function growingSequence(draw: Draw, shown: number): Sequence {
  const first = draw.between(0, 40);
  const start = draw.between(1, 8);
  const terms = numbers(shown + 1, (i) => first + i * start + (i * (i - 1)) / 2);
  const last = start + shown - 1;
  return {
    terms,
    rule: 'The steps grow by 1 each time.',
    step: `The next step is ${last}. ${terms[shown - 1]} + ${last} = ${terms[shown]}.`,
  };
}

function fibonacciSequence(draw: Draw, shown: number): Sequence {
  const terms = [draw.between(1, 12), draw.between(1, 12)];
  while (terms.length < shown + 1) terms.push(terms.at(-1)! + terms.at(-2)!);
  const [before, last, next] = terms.slice(shown - 2);
  return {
    terms,
    rule: 'Each number is the sum of the two before it.',
    step: `${before} + ${last} = ${next}.`,
  };
}

function letterSequence(draw: Draw, shown: number): Sequence {
  const step = draw.between(1, Math.max(1, Math.floor(25 / shown)));
  const first = draw.between(0, 25 - shown * step);
  const terms = numbers(shown + 1, (i) => first + i * step).map((index) => String.fromCharCode(97 + index));
  const rule =
    step === 1 ? 'The letters follow the alphabet.' : `Each letter is ${step} places after the one before.`;
  return { terms, rule, step: `After ${terms[shown - 1]} comes ${terms[shown]}.` };
}

const CYCLES: readonly (readonly string[])[] = [
  ['red', 'green', 'blue'],
  ['up', 'down'],
  ['day', 'night'],
  ['one', 'two', 'three', 'four'],
  ['spring', 'summer', 'autumn', 'winter'],
  ['left', 'right'],
  ['sun', 'moon', 'star'],
  ['circle', 'square', 'triangle'],
  ['hot', 'cold'],
  ['north', 'east', 'south', 'west'],
  ['tick', 'tock'],
  ['big', 'small', 'tiny'],
];

function cycleSequence(draw: Draw, shown: number): Sequence {
  const cycle = draw.pick(CYCLES);
  const offset = draw.between(0, cycle.length - 1);
  const terms = Array.from({ length: shown + 1 }, (_, i) => cycle[(i + offset) % cycle.length]!);
  return {
    terms,
    rule: `The words go round: ${cycle.join(', ')}.`,
    step: `After ${terms[shown - 1]} comes ${terms[shown]}.`,
  };
}
