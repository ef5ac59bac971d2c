import { Type } from '@sinclair/typebox';
import { withDefault } from '../../core/contracts/options.js';
import { defineTaskGenerator } from '../../core/contracts/task.js';
import { drawModular, drawSums, expressionOf, stepsOf, valuesOf, type Chain } from './shared/chain.js';
import { taskGenerator, type TaskConcept } from './shared/generator.js';
import { scaled } from './shared/scale.js';
import { worded } from './shared/sides.js';

/** Largest number at difficulty 1. */
const EASIEST = 3;

interface ArithmeticOptions {
  readonly largest: number;
  readonly fewest: number;
  readonly steps: number;
  readonly modulus: number;
}

/** Sums and differences, and operations modulo a number, from left to right; worded and thought as in the set `reasoning`. */
export const arithmeticTasks = defineTaskGenerator({
  name: 'arithmetic-tasks',
  description: 'Chains of sums and of modular operations, from two numbers up to 3 on',
  options: Type.Object(
    {
      largest: withDefault(
        Type.Integer({ minimum: 4, maximum: 1000, description: 'Largest number at difficulty 100.' }),
        20,
      ),
      fewest: withDefault(
        Type.Integer({ minimum: 1, maximum: 8, description: 'Operations at difficulty 1.' }),
        1,
      ),
      steps: withDefault(
        Type.Integer({ minimum: 1, maximum: 8, description: 'Operations at difficulty 100.' }),
        6,
      ),
      modulus: withDefault(Type.Integer({ minimum: 2, maximum: 20, description: 'Of modular tasks.' }), 10),
    },
    { additionalProperties: false },
  ),
  create: (options) => taskGenerator('arithmetic-tasks', [sum(options), modular(options)]),
});

function sum(options: ArithmeticOptions): TaskConcept {
  return {
    name: 'sum',
    checker: 'number',
    area: 'It is about adding and taking away.',
    rule: 'Go from left to right, one sign at a time.',
    make: (draw, difficulty, side) => {
      const chain = drawSums(draw, sizeOf(draw, difficulty, options));
      const expression = expressionOf(chain);
      return {
        question: worded(draw, side, {
          train: [`What is ${expression}?`, `${expression} = ?`],
          heldOut: [`How much is ${expression}?`, `Find ${expression}.`],
          things: [expression, `the value of ${expression}`, `the result of ${expression}`],
        }),
        ...solved(chain),
      };
    },
  };
}

function modular(options: ArithmeticOptions): TaskConcept {
  const { modulus } = options;
  return {
    name: 'modular',
    checker: 'number',
    area: `It is about remainders after division by ${modulus}.`,
    rule: `Go from left to right and keep the remainder mod ${modulus} each time.`,
    make: (draw, difficulty, side) => {
      const chain = drawModular(draw, sizeOf(draw, difficulty, options), modulus);
      const expression = expressionOf(chain);
      return {
        question: worded(draw, side, {
          train: [
            `What is ${expression} mod ${modulus}, left to right?`,
            `Mod ${modulus}, left to right: ${expression} = ?`,
          ],
          heldOut: [
            `How much is ${expression} mod ${modulus}, one after the other?`,
            `From left to right, find ${expression} mod ${modulus}.`,
          ],
          things: [`${expression} mod ${modulus}, left to right`],
        }),
        ...solved(chain),
      };
    },
  };
}

function sizeOf(
  draw: Parameters<TaskConcept['make']>[0],
  difficulty: number,
  { largest, fewest, steps }: ArithmeticOptions,
) {
  return {
    largest: scaled(draw, difficulty, EASIEST, largest),
    steps: scaled(draw, difficulty, fewest, Math.max(fewest, steps)),
  };
}

function solved(chain: Chain) {
  return { answer: valuesOf(chain).at(-1)!, steps: stepsOf(chain), parameters: expressionOf(chain) };
}
