import type { Draw } from '../../../../../nn/random/index.js';
import {
  assign,
  drawAssignment,
  execute,
  writeStatement,
  type Execution,
  type Memory,
  type Statement,
} from '../program.js';
import { numbersFor, type Kind, type Problem, type Shape, type Strategy, type Thought } from '../problem.js';

/** Small programs of two variables: what is a variable at the end? */
export const CODE: readonly Kind[] = [
  kind('assignments', ['chain-of-thought', 'self-doubt'], assignments),
  kind('branch', ['chain-of-thought'], branch),
  kind('loop', ['chain-of-thought', 'expert', 'self-doubt'], loop),
];

/** The statements behind the first values. */
type Body = (draw: Draw, memory: Memory, steps: number, largest: number) => readonly Statement[];

function kind(name: string, strategies: readonly Strategy[], body: Body): Kind {
  return {
    name,
    strategies,
    numbers: true,
    // a step says more here than elsewhere
    stepsFor: (steps) => Math.max(2, steps - 1),
    make: (draw, shape, strategy) => program(draw, shape, strategy, body),
  };
}

const VARIABLES: readonly (readonly [string, string])[] = [
  ['x', 'y'],
  ['a', 'b'],
  ['n', 'm'],
];

function program(draw: Draw, shape: Shape, strategy: Strategy, body: Body): Problem {
  const names = draw.pick(VARIABLES);
  const values = numbersFor(draw, shape, 2);
  const memory: Memory = { [names[0]]: values[0]!, [names[1]]: values[1]! };
  const sets = names.map((target): Statement => ({ kind: 'set', target, value: memory[target]! }));
  const statements = body(draw, memory, shape.steps, shape.above ?? shape.largest);
  const executions = run(memory, statements);
  const changed = changedBy(statements.at(-1)!);
  // now and then the other variable, so that the last line is not all there is to read
  const asked =
    strategy === 'self-doubt' || draw.chance(0.8) ? changed : names.find((name) => name !== changed)!;
  const answer = String(executions.at(-1)!.memory[asked]!);
  const text = [...sets, ...statements].map(writeStatement).join('; ');
  return {
    question: draw.pick([`${text}. What is ${asked}?`, `Run ${text}. Then ${asked} is?`]),
    answer,
    thoughts: closed(thoughtsOn(memory, statements, executions, strategy), asked, answer),
    identity: `${text} ${asked}`,
  };
}

function run(memory: Memory, statements: readonly Statement[]): readonly Execution[] {
  return statements.reduce<readonly Execution[]>(
    (done, statement) => [...done, ...execute(done.at(-1)?.memory ?? memory, statement)],
    [],
  );
}

function changedBy(statement: Statement): string {
  return statement.kind === 'set' ? statement.target : statement.does.target;
}

/** The result once more, where the last step does not say it. */
function closed(thoughts: readonly Thought[], asked: string, answer: string): readonly Thought[] {
  const [tag, text] = thoughts.at(-1)!;
  const said = tag === '<step>' && String(text).startsWith(`${asked}=`);
  return said ? thoughts : [...thoughts, ['<step>', `${asked}=${answer}`]];
}

function thoughtsOn(
  memory: Memory,
  statements: readonly Statement[],
  executions: readonly Execution[],
  strategy: Strategy,
): readonly Thought[] {
  if (strategy === 'expert') return atOnce(memory, statements);
  const steps = executions.map(({ step }): Thought => ['<step>', step]);
  return strategy === 'self-doubt' ? [...steps, undone(executions.at(-1)!.step)] : steps;
}

/** `<doubt>7-4=3`: the last assignment backwards. */
function undone(step: string): Thought {
  const [, a, sign, b, value] = /=(\d+)([-+])(\d+)=(\d+)$/.exec(step)!;
  return ['<doubt>', `${value}${sign === '+' ? '-' : '+'}${b}=${a}`];
}

/** `<expert>repeat 3*2=6<step>x=4+6=10`: a loop adds the product. */
function atOnce(memory: Memory, statements: readonly Statement[]): readonly Thought[] {
  const loop = statements.at(-1) as Extract<Statement, { kind: 'repeat' }>;
  const before = run(memory, statements.slice(0, -1));
  const amount = Number(loop.does.right);
  const whole = assign(before.at(-1)?.memory ?? memory, { ...loop.does, right: loop.times * amount });
  return [
    ...before.map(({ step }): Thought => ['<step>', step]),
    ['<expert>', `repeat ${loop.times}*${amount}=${loop.times * amount}`],
    ['<step>', whole.step],
  ];
}

function assignments(draw: Draw, memory: Memory, steps: number, largest: number): readonly Statement[] {
  const statements: Statement[] = [];
  let now = memory;
  for (let step = 0; step < steps; step++) {
    const does = drawAssignment(draw, now, largest);
    statements.push({ kind: 'assign', does });
    now = assign(now, does).memory;
  }
  return statements;
}

/** Some assignments, then a condition; what depends on it is a step only where it holds. */
function branch(draw: Draw, memory: Memory, steps: number, largest: number): readonly Statement[] {
  const before = assignments(draw, memory, steps - 2, largest);
  const now = run(memory, before).at(-1)?.memory ?? memory;
  const positive = Object.keys(now).filter((name) => now[name]! > 0);
  if (positive.length > 0 && draw.chance(0.5)) {
    const variable = draw.pick(positive);
    const value = now[variable]!;
    const over = draw.between(Math.max(0, value - 4), value - 1);
    return [...before, { kind: 'if', variable, over, does: drawAssignment(draw, now, largest) }];
  }
  const further = assignments(draw, now, 1, largest);
  const then = run(now, further).at(-1)!.memory;
  const variable = draw.pick(Object.keys(then));
  const over = draw.between(then[variable]!, then[variable]! + 3);
  return [...before, ...further, { kind: 'if', variable, over, does: drawAssignment(draw, then, largest) }];
}

/** Some assignments, then a loop that adds or takes away a number. */
function loop(draw: Draw, memory: Memory, steps: number, largest: number): readonly Statement[] {
  const times = draw.between(2, steps);
  const before = assignments(draw, memory, steps - times, largest);
  const now = run(memory, before).at(-1)?.memory ?? memory;
  return [...before, { kind: 'repeat', times, does: drawAssignment(draw, now, largest, times) }];
}
