import { Type } from '@sinclair/typebox';
import { withDefault } from '../../core/contracts/options.js';
import { defineTaskGenerator } from '../../core/contracts/task.js';
import type { Draw } from '../../nn/random/index.js';
import { taskGenerator, type TaskConcept } from './shared/generator.js';
import { drawAssignment, traceOf, writeStatement, type Memory, type Statement } from './shared/program.js';
import { scaled } from './shared/scale.js';
import { worded } from './shared/sides.js';

/** Largest number at difficulty 1. */
const EASIEST = 3;

interface TraceOptions {
  readonly largest: number;
  readonly fewest: number;
  readonly steps: number;
}

/** What a variable is after a small program; worded and thought as the family `code` of the set `reasoning`. */
export const traceTasks = defineTaskGenerator({
  name: 'trace-tasks',
  description: 'Programs of two variables to follow: assignments, a condition, a loop',
  options: Type.Object(
    {
      largest: withDefault(
        Type.Integer({ minimum: 4, maximum: 1000, description: 'Largest number at difficulty 100.' }),
        20,
      ),
      fewest: withDefault(
        Type.Integer({ minimum: 1, maximum: 8, description: 'Executed assignments at difficulty 1.' }),
        1,
      ),
      steps: withDefault(
        Type.Integer({ minimum: 2, maximum: 8, description: 'Executed assignments at difficulty 100.' }),
        4,
      ),
    },
    { additionalProperties: false },
  ),
  create: (options) =>
    taskGenerator('trace-tasks', [
      concept('assignments', 'Put the values in, line by line.', assignments, options),
      concept('branch', 'What stands behind "if" is done only where the condition holds.', branch, options),
      concept('loop', 'What stands behind "repeat" is done that many times.', loop, options),
    ]),
});

/** The statements behind the first values. */
type Body = (draw: Draw, memory: Memory, steps: number, largest: number) => readonly Statement[];

const VARIABLES: readonly (readonly [string, string])[] = [
  ['x', 'y'],
  ['a', 'b'],
  ['n', 'm'],
];

function concept(name: string, rule: string, body: Body, most: TraceOptions): TaskConcept {
  return {
    name,
    checker: 'number',
    area: 'It is about following a program.',
    rule,
    make: (draw, difficulty, side) => {
      const largest = scaled(draw, difficulty, EASIEST, most.largest);
      const steps = scaled(draw, difficulty, most.fewest, Math.max(most.fewest, most.steps));
      const [one, other] = draw.pick(VARIABLES);
      const memory = { [one]: draw.between(1, largest), [other]: draw.between(1, largest) };
      const statements = body(draw, memory, steps, largest);
      const trace = traceOf(memory, statements);
      const changed = statements.at(-1)!.does.target;
      // now and then the other variable, so that the last line is not all there is to read
      const asked = draw.chance(0.8) ? changed : changed === one ? other : one;
      const first = [one, other].map((variable) => `${variable}=${memory[variable]}`);
      const program = [...first, ...statements.map(writeStatement)].join('; ');
      const answer = trace.memory[asked]!;
      return {
        question: worded(draw, side, {
          train: [`${program}. What is ${asked}?`, `Run ${program}. Then ${asked} is?`],
          heldOut: [`Given ${program}, find ${asked}.`, `How much is ${asked} after ${program}?`],
          things: [asked, `the value of ${asked}`, `${asked} at the end`],
          told: program,
        }),
        answer,
        steps: closed(trace.steps, asked, answer),
        parameters: `${program} ${asked}`,
      };
    },
  };
}

/** The result once more, where the last step does not say it. */
function closed(steps: readonly string[], asked: string, answer: number): readonly string[] {
  return steps.at(-1)!.startsWith(`${asked}=`) ? steps : [...steps, `${asked}=${answer}`];
}

function assignments(draw: Draw, memory: Memory, steps: number, largest: number): readonly Statement[] {
  const statements: Statement[] = [];
  while (statements.length < steps) {
    const { memory: now } = traceOf(memory, statements);
    statements.push({ kind: 'assign', does: drawAssignment(draw, now, largest) });
  }
  return statements;
}

/** Some assignments, then one that is done where a condition holds, which it does half of the time. */
function branch(draw: Draw, memory: Memory, steps: number, largest: number): readonly Statement[] {
  const before = assignments(draw, memory, steps - 1, largest);
  const { memory: now } = traceOf(memory, before);
  const positive = Object.keys(now).filter((name) => now[name]! > 0);
  const holds = positive.length > 0 && draw.chance(0.5);
  const variable = draw.pick(holds ? positive : Object.keys(now));
  const value = now[variable]!;
  const over = holds ? draw.between(Math.max(0, value - 4), value - 1) : draw.between(value, value + 3);
  return [...before, { kind: 'if', variable, over, does: drawAssignment(draw, now, largest) }];
}

/** Some assignments, then a loop that adds or takes away a number. */
function loop(draw: Draw, memory: Memory, steps: number, largest: number): readonly Statement[] {
  const times = draw.between(Math.min(2, steps), steps);
  const before = assignments(draw, memory, steps - times, largest);
  const { memory: now } = traceOf(memory, before);
  return [...before, { kind: 'repeat', times, does: drawAssignment(draw, now, largest, times) }];
}
