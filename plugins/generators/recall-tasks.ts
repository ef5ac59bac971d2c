import { Type } from '@sinclair/typebox';
import { withDefault } from '../../core/contracts/options.js';
import { defineTaskGenerator } from '../../core/contracts/task.js';
import type { Draw } from '../../nn/random/index.js';
import { taskGenerator, type TaskConcept } from './shared/generator.js';
import { scaled } from './shared/scale.js';
import { itemsFor, worded } from './shared/sides.js';

const KEYS = ['box', 'bag', 'cup', 'jar', 'tin', 'pot', 'bin', 'tub', 'can', 'urn', 'net', 'tray'];
const NEW_KEYS = ['hat', 'pan', 'key', 'map', 'pen', 'bed', 'fan', 'mat', 'rug', 'toy', 'kit', 'lid'];
const VALUES = Array.from({ length: 90 }, (_, number) => number + 10);
const FEWEST = 2;

/** Values of keys, told one after the other; one of them is asked for, the others distract. */
export const recallTasks = defineTaskGenerator({
  name: 'recall-tasks',
  description: 'Values of keys to remember among others, and the newest of two values of a key',
  options: Type.Object(
    {
      pairs: withDefault(
        Type.Integer({ minimum: 3, maximum: 12, description: 'Keys with a value at difficulty 100.' }),
        8,
      ),
    },
    { additionalProperties: false },
  ),
  create: ({ pairs }) => taskGenerator('recall-tasks', [once(pairs), again(pairs)]),
});

/** A key and its value, in the order in which they are told. */
interface Told {
  readonly key: string;
  readonly value: number;
}

function once(most: number): TaskConcept {
  return recall('once', 'Look for the name that is asked for.', (draw, keys, difficulty, values) => {
    const told = pairs(draw, keys, scaled(draw, difficulty, FEWEST, most), values);
    return { told, asked: draw.pick(told) };
  });
}

/** One key has a value that was overwritten; half of the questions are for it. */
function again(most: number): TaskConcept {
  return recall(
    'overwritten',
    'Where a name is told twice, the later one counts.',
    (draw, keys, difficulty, values) => {
      const told = pairs(draw, keys, scaled(draw, difficulty, FEWEST, most), values);
      const first = draw.between(0, told.length - 2);
      const anew = { key: told[first]!.key, value: draw.pick(values.filter((value) => isNew(value, told))) };
      const all = told.toSpliced(draw.between(first + 1, told.length), 0, anew);
      const others = told.filter(({ key }) => key !== anew.key);
      return { told: all, asked: draw.chance(0.5) ? anew : draw.pick(others) };
    },
  );
}

interface Facts {
  readonly told: readonly Told[];
  readonly asked: Told;
}

type Tell = (draw: Draw, keys: readonly string[], difficulty: number, values: readonly number[]) => Facts;

function recall(name: string, rule: string, tell: Tell): TaskConcept {
  return {
    name,
    checker: 'number',
    area: 'It is about finding what was told.',
    rule,
    first: ({ answer }) => `First digit: ${answer[0]}`,
    make: (draw, difficulty, side) => {
      const keys = side === 'train' ? KEYS : NEW_KEYS;
      const { told, asked } = tell(draw, keys, difficulty, itemsFor(VALUES, side));
      const facts = told.map(({ key, value }) => `${key} ${value}`).join(', ');
      return {
        question: worded(draw, side, {
          train: [`${facts}. What is ${asked.key}?`, `With ${facts}, what is ${asked.key}?`],
          heldOut: [`Given ${facts}, find ${asked.key}.`, `Here: ${facts}. Tell me ${asked.key}.`],
        }),
        answer: asked.value,
        parameters: `${facts} ${asked.key}`,
      };
    },
  };
}

function pairs(
  draw: Draw,
  keys: readonly string[],
  count: number,
  values: readonly number[],
): readonly Told[] {
  const drawn = draw.several(values, count);
  return draw.several(keys, count).map((key, place) => ({ key, value: drawn[place]! }));
}

function isNew(value: number, told: readonly Told[]): boolean {
  return told.every((one) => one.value !== value);
}
