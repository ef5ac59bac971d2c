import { Type } from '@sinclair/typebox';
import { withDefault } from '../../core/contracts/options.js';
import { defineTaskGenerator } from '../../core/contracts/task.js';
import type { Draw } from '../../nn/random/index.js';
import { drawSums, expressionOf, stepsOf, valuesOf } from './shared/chain.js';
import { taskGenerator, type TaskConcept } from './shared/generator.js';
import { scaled } from './shared/scale.js';
import { itemsFor, worded } from './shared/sides.js';
import { CONTAINERS, counted, PEOPLE, THINGS } from './shared/words.js';

/** Largest number at difficulty 1. */
const EASIEST = 3;

interface WordProblemOptions {
  readonly largest: number;
  readonly fewest: number;
  readonly steps: number;
}

/** Short stories with numbers; the thoughts are those of the family `word-problems` of the set `reasoning`. */
export const wordProblemTasks = defineTaskGenerator({
  name: 'word-problem-tasks',
  description: 'Word problems of one step or several: gains and losses, groups, comparisons',
  options: Type.Object(
    {
      largest: withDefault(
        Type.Integer({ minimum: 4, maximum: 1000, description: 'Largest number at difficulty 100.' }),
        20,
      ),
      fewest: withDefault(
        Type.Integer({ minimum: 1, maximum: 6, description: 'Events at difficulty 1.' }),
        1,
      ),
      steps: withDefault(
        Type.Integer({ minimum: 1, maximum: 6, description: 'Events at difficulty 100.' }),
        4,
      ),
    },
    { additionalProperties: false },
  ),
  create: (options) =>
    taskGenerator('word-problem-tasks', [events(options), groups(options), comparison(options)]),
});

const GAINS = ['finds', 'gets', 'buys', 'wins'];
const LOSSES = ['loses', 'sells', 'drops'];

/** Somebody has things; some come, some go. */
function events(options: WordProblemOptions): TaskConcept {
  return {
    name: 'events',
    checker: 'number',
    area: 'It is about what comes and what goes.',
    rule: 'Add what comes and take away what goes, one after the other.',
    make: (draw, difficulty, side) => {
      const chain = drawSums(draw, {
        largest: scaled(draw, difficulty, EASIEST, options.largest),
        steps: scaled(draw, difficulty, options.fewest, Math.max(options.fewest, options.steps)),
      });
      const person = draw.pick(itemsFor(PEOPLE, side));
      const thing = draw.pick(itemsFor(THINGS, side));
      const told = chain.operations.map(
        ({ sign, by }) => `${draw.pick(sign === '+' ? GAINS : LOSSES)} ${by}`,
      );
      const start = `${person} has ${counted(chain.start, thing)}`;
      const listed = [start, ...told].join(', ');
      const sentences = [start, ...told.map((event) => `${person} ${event}`)].join('. ');
      return {
        question: worded(draw, side, {
          train: [
            `${listed}. How many ${thing[1]} now?`,
            `${sentences}. How many ${thing[1]} has ${person}?`,
          ],
          heldOut: [`${listed}. What is left?`, `${sentences}. Count the ${thing[1]}.`],
          things: [`the number of ${thing[1]}`, `the number of ${thing[1]} now`],
          told: draw.pick([listed, sentences]),
        }),
        answer: valuesOf(chain).at(-1)!,
        steps: stepsOf(chain),
        parameters: expressionOf(chain),
      };
    },
  };
}

/** The same number in some containers, and from the middle of the range on some beside them. */
function groups({ largest }: WordProblemOptions): TaskConcept {
  return {
    name: 'groups',
    checker: 'number',
    area: 'It is about several groups of the same size.',
    rule: 'Multiply the groups by what is in each, then add the rest.',
    make: (draw, difficulty, side) => {
      const [count, each] = [between(draw, difficulty, largest), between(draw, difficulty, largest)];
      const rest = scaled(draw, difficulty, 0, 2) > 0 ? draw.between(1, largest) : 0;
      const person = draw.pick(itemsFor(PEOPLE, side));
      const thing = draw.pick(itemsFor(THINGS, side));
      const [one, many] = draw.pick(itemsFor(CONTAINERS, side));
      const held = `${person} has ${counted(count, [one, many])} of ${counted(each, thing)}`;
      const all = rest === 0 ? held : `${held} and ${rest} more`;
      const product = count * each;
      return {
        question: worded(draw, side, {
          train: [`${all}. How many ${thing[1]} in all?`, `${all}. How many ${thing[1]} has ${person}?`],
          heldOut: [`${all}. Count the ${thing[1]}.`, `${all}. What is that together?`],
          things: [`the number of ${thing[1]}`, `the number of ${thing[1]} in all`],
          told: all,
        }),
        answer: product + rest,
        steps: [
          `${count}*${each}=${product}`,
          ...(rest === 0 ? [] : [`${product}+${rest}=${product + rest}`]),
        ],
        parameters: `${count}*${each}+${rest}`,
      };
    },
  };
}

/** One has more or fewer than another; the other's number is asked for, or from the middle of the range on both together. */
function comparison({ largest }: WordProblemOptions): TaskConcept {
  return {
    name: 'comparison',
    checker: 'number',
    area: 'It is about how many one has beside another.',
    rule: 'Work out the second number first: more is added, fewer is taken away.',
    make: (draw, difficulty, side) => {
      const most = scaled(draw, difficulty, EASIEST, largest);
      const [base, more] = [draw.between(1, most), draw.chance(0.5)];
      const by = draw.between(1, more ? most : base);
      const other = more ? base + by : base - by;
      const together = scaled(draw, difficulty, 0, 2) > 0;
      const [first, second] = draw.several(itemsFor(PEOPLE, side), 2) as [string, string];
      const thing = draw.pick(itemsFor(THINGS, side));
      const told = `${first} has ${counted(base, thing)}, ${second} ${by} ${more ? 'more' : 'fewer'}`;
      const who = together ? 'they' : second;
      const step = `${base}${more ? '+' : '-'}${by}=${other}`;
      return {
        question: worded(draw, side, {
          train: [
            `${told}. How many ${thing[1]} ${together ? 'have' : 'has'} ${who}${together ? ' together' : ''}?`,
          ],
          heldOut: [`${told}. Count the ${thing[1]} of ${together ? 'both' : second}.`],
          things: [`the number of ${thing[1]} ${together ? 'of them together' : `of ${second}`}`],
          told,
        }),
        answer: together ? base + other : other,
        steps: together ? [step, `${base}+${other}=${base + other}`] : [step],
        parameters: `${step} ${together}`,
      };
    },
  };
}

/** A factor: 2 to the root of what the options allow, for products grow faster than sums. */
function between(draw: Draw, difficulty: number, largest: number): number {
  return draw.between(2, Math.max(3, scaled(draw, difficulty, EASIEST, Math.min(12, largest))));
}
