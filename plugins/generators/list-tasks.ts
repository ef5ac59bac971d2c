import { Type } from '@sinclair/typebox';
import { withDefault } from '../../core/contracts/options.js';
import { defineTaskGenerator, type TaskItem } from '../../core/contracts/task.js';
import { taskGenerator, type TaskConcept } from './shared/generator.js';
import { scaled } from './shared/scale.js';
import { worded, type Wordings } from './shared/sides.js';

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];
const NUMBERS = Array.from({ length: 20 }, (_, number) => String(number));
const SHORTEST = 2;

/** Lists of letters or numbers to copy, to reverse and to sort. All items of a list differ. */
export const listTasks = defineTaskGenerator({
  name: 'list-tasks',
  description: 'Lists to copy, to reverse and to sort, from two items on',
  options: Type.Object(
    {
      items: withDefault(
        Type.Integer({ minimum: 3, maximum: 16, description: 'Items of a list at difficulty 100.' }),
        10,
      ),
    },
    { additionalProperties: false },
  ),
  create: ({ items }) =>
    taskGenerator('list-tasks', [
      concept(items, {
        name: 'copy',
        rule: 'Write what is given, in the same order.',
        change: (list) => list,
        wordings: (given) => ({
          train: [`Copy ${given}.`, `Write ${given} again.`],
          heldOut: [`Say ${given} once more.`, `Repeat the list ${given}.`],
        }),
      }),
      concept(items, {
        name: 'reverse',
        rule: 'Begin with the last and end with the first.',
        change: (list) => list.toReversed(),
        wordings: (given) => ({
          train: [`Reverse ${given}.`, `Write ${given} backwards.`],
          heldOut: [`Say ${given} from the end.`, `Turn the list ${given} around.`],
        }),
      }),
      concept(items, {
        name: 'sort',
        rule: 'Take the smallest that is left, again and again.',
        change: (list, pool) => pool.filter((item) => list.includes(item)),
        wordings: (given) => ({
          train: [`Sort ${given}.`, `Put ${given} in order.`],
          heldOut: [`Bring ${given} into order.`, `Arrange the list ${given}.`],
        }),
      }),
    ]),
});

interface ListConcept {
  readonly name: string;
  readonly rule: string;
  /** @param pool all items there could be, in their order */
  readonly change: (list: readonly string[], pool: readonly string[]) => readonly string[];
  readonly wordings: (given: string) => Wordings;
}

function concept(most: number, { name, rule, change, wordings }: ListConcept): TaskConcept {
  return {
    name,
    checker: 'exact',
    area: 'It is about the order of a list.',
    rule,
    first: ({ answer }: TaskItem) => `First: ${answer.split(' ')[0]}`,
    make: (draw, difficulty, side) => {
      const pool = draw.pick([LETTERS, NUMBERS]);
      const list = draw.several(pool, scaled(draw, difficulty, SHORTEST, most));
      const given = list.join(' ');
      return {
        question: worded(draw, side, wordings(given)),
        answer: change(list, pool).join(' '),
        parameters: given,
      };
    },
  };
}
