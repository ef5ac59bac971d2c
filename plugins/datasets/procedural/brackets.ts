import { Type, type Static } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { gradeText } from '../shared/grading.js';
import { questionRecord, reasonedAnswer } from '../shared/question.js';
import type { Draw } from '../../../nn/random/index.js';
import { defineGenerated } from './generated.js';

const PAIRS = ['()', '[]', '{}'] as const;
const CLOSER: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

const Kind = Type.Union([Type.Literal('balanced'), Type.Literal('depth'), Type.Literal('close')]);
type Kind = Static<typeof Kind>;

/** Brackets in brackets: whether they close, how deep they go, what closes them. Depth: the deepest nesting. */
export const brackets = defineGenerated({
  name: 'brackets',
  description: 'Generated strings of nested brackets: balanced or not, greatest depth, what closes them',
  category: 'code',
  count: 3000,
  options: {
    depth: withDefault(Type.Integer({ minimum: 1, maximum: 16, description: 'Deepest nesting.' }), 6),
    shapes: withDefault(Type.Integer({ minimum: 1, maximum: 3, description: 'Shapes of brackets.' }), 3),
    beside: withDefault(
      Type.Integer({ minimum: 0, maximum: 32, description: 'Most pairs beside those of the deepest nest.' }),
      5,
    ),
    kinds: withDefault(Type.Array(Kind, { minItems: 1, uniqueItems: true }), ['balanced', 'depth', 'close']),
  },
  make: (draw, { depth: deepest, shapes, beside, kinds }) => {
    const depth = draw.between(1, deepest);
    const whole = nest(draw, depth, draw.between(0, beside), PAIRS.slice(0, shapes));
    const kind = draw.pick(kinds);
    const { question, asked, answer } = BUILD[kind](draw, whole);
    return questionRecord(question, reasonedAnswer('', answer), {
      kind,
      depth: String(depth),
      answer,
      group: `brackets ${kind} ${asked}`,
    });
  },
  grade: gradeText,
});

/** Brackets that nest `depth` deep: one nest of that depth, and `beside` pairs put in where they make none deeper. */
function nest(draw: Draw, depth: number, beside: number, shapes: readonly string[]): string {
  const pairs = Array.from({ length: depth }, () => draw.pick(shapes));
  let text = pairs.reduce((inner, [open, close]) => `${open}${inner}${close}`, '');
  for (let count = 0; count < beside; count++) {
    const places = heights(text).flatMap((height, place) => (height < depth ? [place] : []));
    const place = draw.pick(places);
    text = text.slice(0, place) + draw.pick(shapes) + text.slice(place);
  }
  return text;
}

/** Brackets that are open before each place of a text and at its end, whatever their shapes. */
export function heights(text: string): readonly number[] {
  let height = 0;
  return [0, ...[...text].map((bracket) => (height += bracket in CLOSER ? 1 : -1))];
}

/** What closes the brackets that are open at the end, the innermost first; null when one closes what is not open. */
export function closing(text: string): string | null {
  const open: string[] = [];
  for (const bracket of text) {
    const closer = CLOSER[bracket];
    if (closer !== undefined) open.push(closer);
    else if (open.pop() !== bracket) return null;
  }
  return open.reverse().join('');
}

interface Task {
  readonly question: string;
  /** The brackets in the question. */
  readonly asked: string;
  readonly answer: string;
}

const BUILD: Readonly<Record<Kind, (draw: Draw, whole: string) => Task>> = {
  balanced: balancedTask,
  depth: depthTask,
  close: closeTask,
};

/** Half of them have a fault. */
function balancedTask(draw: Draw, whole: string): Task {
  const asked = draw.chance(0.5) ? withFault(draw, whole) : whole;
  const question = draw.pick([
    `Is "${asked}" balanced? Say yes or no.`,
    `Do the brackets in "${asked}" all close? Say yes or no.`,
    `balanced("${asked}")`,
  ]);
  return { question, asked, answer: closing(asked) === '' ? 'yes' : 'no' };
}

/**
 * Two brackets change places so that the text is no longer balanced: counting brackets does not find it. The first and
 * the last one can always change places, for a text that begins with a closing bracket is not balanced.
 */
function withFault(draw: Draw, whole: string): string {
  for (;;) {
    const places = [...whole].map((_, place) => place);
    const [one, other] = draw.several(places, 2) as [number, number];
    const swapped = [...whole];
    [swapped[one], swapped[other]] = [whole.charAt(other), whole.charAt(one)];
    const text = swapped.join('');
    if (closing(text) !== '') return text;
  }
}

function depthTask(draw: Draw, asked: string): Task {
  const question = draw.pick([
    `How deep do the brackets in "${asked}" go?`,
    `What is the greatest depth of "${asked}"?`,
    `depth("${asked}")`,
  ]);
  return { question, asked, answer: String(Math.max(...heights(asked))) };
}

/** The brackets up to a place after the deepest one where some are still open. */
function closeTask(draw: Draw, whole: string): Task {
  const all = heights(whole);
  const deepest = all.indexOf(Math.max(...all));
  const places = all.flatMap((height, place) => (place >= deepest && height > 0 ? [place] : []));
  const asked = whole.slice(0, draw.pick(places));
  const question = draw.pick([
    `What closes "${asked}"?`,
    `Which brackets are missing at the end of "${asked}"?`,
    `close("${asked}")`,
  ]);
  return { question, asked, answer: closing(asked)! };
}
