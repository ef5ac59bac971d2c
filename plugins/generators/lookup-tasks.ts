import { Type } from '@sinclair/typebox';
import { withDefault } from '../../core/contracts/options.js';
import { defineTaskGenerator } from '../../core/contracts/task.js';
import { taskGenerator, type TaskConcept } from './shared/generator.js';
import { scaled } from './shared/scale.js';
import { itemsFor, worded } from './shared/sides.js';

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];
const COLUMNS = ['size', 'age', 'cost', 'tons', 'rank', 'week', 'mass', 'area'];
const ROWS = [
  ...['ant', 'bee', 'cow', 'elk', 'dog', 'emu', 'fox', 'yak', 'hen', 'jay', 'owl', 'bat'],
  ...['pig', 'rat', 'sow', 'ram', 'cub', 'gnu', 'koi', 'ape', 'cod', 'eel', 'doe', 'asp'],
];
const VALUES = Array.from({ length: 90 }, (_, number) => number + 10);
const FEWEST = { rows: 2, hops: 2 };
/** Rows of a table of arrows beyond those of the walk. */
const BESIDE = 2;

/** Tables to read: a cell by its row and column, and keys whose values are keys again. */
export const lookupTasks = defineTaskGenerator({
  name: 'lookup-tasks',
  description: 'Tables to read: a cell by row and column, and keys that lead to keys',
  options: Type.Object(
    {
      rows: withDefault(Type.Integer({ minimum: 3, maximum: 6, description: 'Rows at difficulty 100.' }), 6),
      columns: withDefault(Type.Integer({ minimum: 1, maximum: 2, description: 'Columns.' }), 2),
      hops: withDefault(Type.Integer({ minimum: 3, maximum: 8, description: 'Hops at difficulty 100.' }), 5),
    },
    { additionalProperties: false },
  ),
  create: ({ rows, columns, hops }) => taskGenerator('lookup-tasks', [cell(rows, columns), walk(hops)]),
});

function cell(most: number, columns: number): TaskConcept {
  return {
    name: 'cell',
    checker: 'number',
    area: 'It is about reading a table.',
    rule: 'Find the row by its name, then the place of the column.',
    first: ({ answer }) => `First digit: ${answer[0]}`,
    make: (draw, difficulty, side) => {
      const heads = draw.several(itemsFor(COLUMNS, side), columns);
      const names = draw.several(itemsFor(ROWS, side), scaled(draw, difficulty, FEWEST.rows, most));
      const values = draw.several(itemsFor(VALUES, side), names.length * heads.length);
      const lines = names.map((name, row) => [
        name,
        ...values.slice(row * heads.length, (row + 1) * heads.length),
      ]);
      const table = [['name', ...heads], ...lines].map((line) => line.join(' ')).join('; ');
      const [row, column] = [draw.between(0, names.length - 1), draw.between(0, heads.length - 1)];
      const [name, head] = [names[row]!, heads[column]!];
      return {
        question: worded(draw, side, {
          train: [`${table}. What is the ${head} of ${name}?`, `Table ${table}. ${name} ${head}?`],
          heldOut: [`Read ${table}. Find ${head} of ${name}.`, `In ${table}, how much ${head} has ${name}?`],
        }),
        answer: values[row * heads.length + column]!,
        parameters: `${table} ${name} ${head}`,
      };
    },
  };
}

/** Every row is an arrow to the next key of one line of keys; two of them do not belong to the walk. */
function walk(most: number): TaskConcept {
  return {
    name: 'hops',
    checker: 'exact',
    area: 'It is about following arrows.',
    rule: 'Look for the arrow that begins where you are, as often as there are hops.',
    first: ({ thought }) => `First: ${thought!.split('<step>')[1]!.split('>')[0]}>?`,
    make: (draw, difficulty, side) => {
      const hops = scaled(draw, difficulty, FEWEST.hops, most);
      const items = draw.several(LETTERS, hops + BESIDE + 1);
      const arrows = items.slice(1).map((value, place) => `${items[place]}>${value}`);
      const lead = draw.between(0, BESIDE);
      const table = draw.several(arrows, arrows.length).join(' ');
      const start = items[lead]!;
      return {
        question: worded(draw, side, {
          train: [
            `Table: ${table}. Start at ${start}, ${hops} hops. Where?`,
            `With ${table}, where do ${hops} hops from ${start} end?`,
          ],
          heldOut: [
            `Read ${table}. Begin at ${start}, hop ${hops} times.`,
            `From ${start} go ${hops} on in ${table}.`,
          ],
        }),
        answer: items[lead + hops]!,
        steps: arrows.slice(lead, lead + hops),
        parameters: `${items.join(' ')} ${start} ${hops}`,
      };
    },
  };
}
