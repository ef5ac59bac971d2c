import { Type } from '@sinclair/typebox';
import { withDefault } from '../../core/contracts/options.js';
import { defineTaskGenerator } from '../../core/contracts/task.js';
import type { Draw } from '../../nn/random/index.js';
import { taskGenerator, type TaskConcept } from './shared/generator.js';
import { scaled } from './shared/scale.js';
import { worded, type Wordings } from './shared/sides.js';

const SHAPES = ['()', '[]', '{}'] as const;
const CLOSER: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const FEWEST = 2;
const AREA = 'It is about brackets that open and close.';

/** Brackets in brackets: whether they match, how deep they go, what closes them. */
export const bracketTasks = defineTaskGenerator({
  name: 'bracket-tasks',
  description: 'Nested brackets: whether they match, how deep they go, what closes them',
  options: Type.Object(
    {
      pairs: withDefault(
        Type.Integer({ minimum: 3, maximum: 16, description: 'Pairs of brackets at difficulty 100.' }),
        8,
      ),
    },
    { additionalProperties: false },
  ),
  create: ({ pairs }) => taskGenerator('bracket-tasks', [matching(pairs), depth(pairs), close(pairs)]),
});

/** Half of them have a fault. */
function matching(most: number): TaskConcept {
  return {
    name: 'matching',
    checker: 'choice',
    area: AREA,
    rule: 'Each closing bracket must fit the last one that is still open.',
    first: () => 'First: find the innermost pair.',
    make: (draw, difficulty, side) => {
      const whole = nest(draw, scaled(draw, difficulty, FEWEST, most));
      const text = draw.chance(0.5) ? withFault(draw, whole) : whole;
      const wordings: Wordings = {
        train: [`Do the brackets match: ${text} Yes or no?`, `Is ${text} balanced, yes or no?`],
        heldOut: [`Yes or no, does all of ${text} close?`, `Tell if ${text} fits, yes or no.`],
      };
      return {
        question: worded(draw, side, wordings),
        answer: closing(text) === '' ? 'yes' : 'no',
        parameters: text,
      };
    },
  };
}

function depth(most: number): TaskConcept {
  return {
    name: 'depth',
    checker: 'number',
    area: AREA,
    rule: 'Count one more at each opening bracket and one less at each closing one; the most is asked for.',
    first: () => 'First: the first bracket makes 1.',
    make: (draw, difficulty, side) => {
      const text = nest(draw, scaled(draw, difficulty, FEWEST, most));
      return {
        question: worded(draw, side, {
          train: [`How deep is ${text} ?`, `What is the depth of ${text} ?`],
          heldOut: [`Find the greatest depth in ${text} .`, `Count how deep ${text} goes.`],
        }),
        answer: deepest(text),
        parameters: text,
      };
    },
  };
}

/** What closes a text that was cut where some brackets are open. */
function close(most: number): TaskConcept {
  return {
    name: 'close',
    checker: 'exact',
    area: AREA,
    rule: 'Close the last open bracket first.',
    first: ({ answer }) => (answer.length > 1 ? `First: ${answer[0]}` : null),
    make: (draw, difficulty, side) => {
      const whole = nest(draw, scaled(draw, difficulty, FEWEST, most));
      const places = [...whole].flatMap((_, at) =>
        at > 0 && closing(whole.slice(0, at)) !== '' ? [at] : [],
      );
      const text = whole.slice(0, draw.pick(places));
      return {
        question: worded(draw, side, {
          train: [`What closes ${text} ?`, `Close ${text} .`],
          heldOut: [`Find what is missing at the end of ${text} .`, `How does ${text} end?`],
        }),
        answer: closing(text)!,
        parameters: `${whole} ${text}`,
      };
    },
  };
}

/** So many pairs, one after the other put in at any place. */
function nest(draw: Draw, pairs: number): string {
  let text = '';
  for (let pair = 0; pair < pairs; pair++) {
    const [open, end] = draw.pick(SHAPES);
    const from = draw.between(0, text.length);
    const ends = Array.from({ length: text.length - from + 1 }, (_, length) => from + length);
    const to = draw.pick(ends.filter((place) => closing(text.slice(from, place)) === ''));
    text = `${text.slice(0, from)}${open}${text.slice(from, to)}${end}${text.slice(to)}`;
  }
  return text;
}

/** Two brackets change places so that they no longer match: counting does not find it. The outer ones always can. */
function withFault(draw: Draw, whole: string): string {
  for (;;) {
    const [one, other] = draw.several(
      [...whole].map((_, place) => place),
      2,
    ) as [number, number];
    const swapped = [...whole];
    [swapped[one], swapped[other]] = [whole[other]!, whole[one]!];
    const text = swapped.join('');
    if (closing(text) !== '') return text;
  }
}

/** What closes the brackets that are open at the end, the innermost first; null when one closes what is not open. */
function closing(text: string): string | null {
  const open: string[] = [];
  for (const bracket of text) {
    const closer = CLOSER[bracket];
    if (closer !== undefined) open.push(closer);
    else if (open.pop() !== bracket) return null;
  }
  return open.reverse().join('');
}

function deepest(text: string): number {
  let [now, most] = [0, 0];
  for (const bracket of text) {
    now += bracket in CLOSER ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}
