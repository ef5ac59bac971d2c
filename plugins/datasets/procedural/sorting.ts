import { Type, type Static } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { gradeText } from '../shared/grading.js';
import { questionRecord, reasonedAnswer } from '../shared/question.js';
import type { Draw } from '../../../nn/random/index.js';
import { defineGenerated } from './generated.js';

const Values = Type.Union([Type.Literal('letters'), Type.Literal('digits'), Type.Literal('numbers')]);
type Values = Static<typeof Values>;
const Kind = Type.Union([Type.Literal('sort'), Type.Literal('kth')]);
type Kind = Static<typeof Kind>;

/** What lists are made of, in ascending order. */
const POOLS: Readonly<Record<Values, readonly string[]>> = {
  letters: [...'abcdefghijklmnopqrstuvwxyz'],
  digits: [...'0123456789'],
  numbers: Array.from({ length: 100 }, (_, value) => String(value)),
};

/** Lists to put in order, or of which to name one place; all their items differ. Depth: the number of items. */
export const sorting = defineGenerated({
  name: 'sorting',
  description: 'Generated lists of numbers or letters to sort, and their k-th smallest, answered at once',
  category: 'code',
  count: 3000,
  options: {
    items: withDefault(
      Type.Integer({ minimum: 2, maximum: 20, description: 'Most items; ten where only digits are listed.' }),
      8,
    ),
    values: withDefault(Type.Array(Values, { minItems: 1, uniqueItems: true }), [
      'letters',
      'digits',
      'numbers',
    ]),
    kinds: withDefault(Type.Array(Kind, { minItems: 1, uniqueItems: true }), ['sort', 'kth']),
  },
  make: (draw, { items, values, kinds }) => {
    const most = Math.max(...values.map((value) => POOLS[value].length));
    const depth = draw.between(2, Math.min(items, most));
    const value = draw.pick(values.filter((each) => POOLS[each].length >= depth));
    const kind = draw.pick(kinds);
    const { question, answer, list } = BUILD[kind](draw, POOLS[value], depth);
    return questionRecord(question, reasonedAnswer('', answer), {
      kind,
      values: value,
      depth: String(depth),
      answer,
      // Every question about the same items: in another order they have the same answer.
      group: `sorting ${[...list].sort().join(' ')}`,
    });
  },
  grade: gradeText,
});

interface Task {
  readonly question: string;
  readonly answer: string;
  readonly list: readonly string[];
}
type Build = (draw: Draw, pool: readonly string[], depth: number) => Task;

const BUILD: Readonly<Record<Kind, Build>> = { sort: sortTask, kth: kthTask };

/** The items in the order of the pool, or in the opposite one. */
export function sorted(list: readonly string[], pool: readonly string[], descending: boolean): string[] {
  const ascending = pool.filter((item) => list.includes(item));
  return descending ? ascending.reverse() : ascending;
}

function sortTask(draw: Draw, pool: readonly string[], depth: number): Task {
  const list = draw.several(pool, depth);
  const descending = draw.chance(0.5);
  const given = list.join(' ');
  const question = draw.pick([
    `Sort ${given} ${direction(pool, descending)}.`,
    `Put ${given} in ${descending ? 'descending' : 'ascending'} order.`,
    `${descending ? 'sort_down' : 'sort'}(${given})`,
  ]);
  return { question, answer: sorted(list, pool, descending).join(' '), list };
}

function kthTask(draw: Draw, pool: readonly string[], depth: number): Task {
  const list = draw.several(pool, depth);
  const descending = draw.chance(0.5);
  const k = draw.between(1, depth);
  const given = list.join(' ');
  const question = draw.pick([
    `Which of ${given} comes ${ordinal(k)} ${direction(pool, descending)}?`,
    pool === POOLS.letters
      ? `Of ${given}, which is the ${ordinal(k)} in ${descending ? 'descending' : 'ascending'} order?`
      : `What is the ${k === 1 ? '' : `${ordinal(k)} `}${descending ? 'largest' : 'smallest'} of ${given}?`,
    `${descending ? 'sort_down' : 'sort'}(${given})[${k}]`,
  ]);
  return { question, answer: sorted(list, pool, descending)[k - 1]!, list };
}

function direction(pool: readonly string[], descending: boolean): string {
  const [low, high] = pool === POOLS.letters ? ['a', 'z'] : ['small', 'large'];
  return descending ? `from ${high} to ${low}` : `from ${low} to ${high}`;
}

/** "1st", "2nd", "11th". */
export function ordinal(k: number): string {
  const ending = k > 10 && k < 20 ? 'th' : (['th', 'st', 'nd', 'rd'][k % 10] ?? 'th');
  return `${k}${ending}`;
}
