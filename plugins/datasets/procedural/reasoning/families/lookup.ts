import type { Draw } from '../../../../../nn/random/index.js';
import type { Kind, Problem, Shape, Strategy, Thought } from '../problem.js';

/** A table of keys and values in which most values are keys again; it is followed for `steps` hops. */
export const LOOKUP: readonly Kind[] = [
  kind('letters', false, (draw, _shape, count) => draw.several(LETTERS, count)),
  kind('numbers', true, numbers),
];

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];

function kind(name: string, hasNumbers: boolean, items: Items): Kind {
  return {
    name,
    strategies: ['chain-of-thought', 'falsification', 'self-doubt'],
    numbers: hasNumbers,
    stepsFor: (steps) => steps,
    make: (draw, shape, strategy) => lookUp(draw, items(draw, shape, shape.steps + 3), shape.steps, strategy),
  };
}

/** Different entries for a table. */
type Items = (draw: Draw, shape: Shape, count: number) => readonly string[];

/** From 0 up; to the largest, or as far as the table needs. One is larger than all of these where that is asked for. */
function numbers(draw: Draw, { largest, above }: Shape, count: number): readonly string[] {
  const known = Math.max(above ?? largest, count - 1);
  if (above === null) return draw.several(range(0, known), count).map(String);
  const most = Math.max(largest, known + 1);
  const large = draw.between(known + 1, most);
  const others = range(0, most).filter((number) => number !== large);
  return draw.several([large, ...draw.several(others, count - 1)], count).map(String);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/**
 * Every item is the key of the next one, so the rows are one line. Two of them do not belong to the walk: they lead to
 * its start or on from its end, so that neither the first nor the last key of the line gives the answer away.
 */
function lookUp(draw: Draw, items: readonly string[], hops: number, strategy: Strategy): Problem {
  const rows = items.slice(1).map((value, index): Row => [items[index]!, value]);
  const lead = draw.between(0, items.length - 1 - hops);
  const walk = items.slice(lead, lead + hops + 1);
  const start = walk[0]!;
  const table = draw
    .several(rows, rows.length)
    .map((row) => row.join('>'))
    .join(' ');
  return {
    question: draw.pick([
      `Table: ${table}. Start at ${start}, ${hops} hops. Where?`,
      `With ${table}, where do ${hops} hops from ${start} end?`,
    ]),
    answer: walk[hops]!,
    thoughts: thoughtsOn(draw, rows, walk, strategy),
    identity: `${items.join(' ')} ${start} ${hops}`,
  };
}

type Row = readonly [key: string, value: string];

/** `<step>a>d<step>d>c`: hop after hop. */
function thoughtsOn(
  draw: Draw,
  rows: readonly Row[],
  walk: readonly string[],
  strategy: Strategy,
): readonly Thought[] {
  const steps = walk.slice(1).map((value, index): Thought => ['<step>', `${walk[index]}>${value}`]);
  const [last, answer] = walk.slice(-2) as [string, string];
  if (strategy === 'self-doubt') {
    return [...steps, ['<doubt>', `${answer} from ${last}`], ['<step>', answer]];
  }
  if (strategy !== 'falsification') return steps;
  // another value would have to come from where the walk is
  const [key, value] = draw.pick(rows.filter(([from]) => from !== last));
  return [...steps.slice(0, -1), ['<falsify>', `${key}>${value},${key}!=${last}`], steps.at(-1)!];
}
