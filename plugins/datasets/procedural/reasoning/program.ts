import type { Draw } from '../../../../nn/random/index.js';

/** A new value of one variable: `x=x+3`, `y=y-x`. */
export interface Assignment {
  readonly target: string;
  readonly left: string;
  readonly sign: '+' | '-';
  /** Another variable or a number. */
  readonly right: string | number;
}

export type Statement =
  | { readonly kind: 'set'; readonly target: string; readonly value: number }
  | { readonly kind: 'assign'; readonly does: Assignment }
  | { readonly kind: 'if'; readonly variable: string; readonly over: number; readonly does: Assignment }
  | { readonly kind: 'repeat'; readonly times: number; readonly does: Assignment };

/** Values of the variables. */
export type Memory = Readonly<Record<string, number>>;

/** What one executed statement says, with the memory after it. */
export interface Execution {
  readonly step: string;
  readonly memory: Memory;
}

export function writeStatement(statement: Statement): string {
  if (statement.kind === 'set') return `${statement.target}=${statement.value}`;
  const does = written(statement.does);
  if (statement.kind === 'if') return `if ${statement.variable}>${statement.over}: ${does}`;
  return statement.kind === 'repeat' ? `repeat ${statement.times}: ${does}` : does;
}

function written({ target, left, sign, right }: Assignment): string {
  return `${target}=${left}${sign}${right}`;
}

/** `x=3+4=7`: the values put in, then the new one. */
export function assign(memory: Memory, { target, left, sign, right }: Assignment): Execution {
  const a = memory[left]!;
  const b = typeof right === 'number' ? right : memory[right]!;
  const value = sign === '+' ? a + b : a - b;
  return { step: `${target}=${a}${sign}${b}=${value}`, memory: { ...memory, [target]: value } };
}

/** What a statement does, step by step; setting a value for the first time is not worth a step. */
export function execute(memory: Memory, statement: Statement): readonly Execution[] {
  if (statement.kind === 'set')
    return [{ step: '', memory: { ...memory, [statement.target]: statement.value } }];
  if (statement.kind === 'if') {
    const value = memory[statement.variable]!;
    const holds = value > statement.over;
    const condition = { step: `${value}>${statement.over} ${holds ? 'yes' : 'no'}`, memory };
    return holds ? [condition, assign(memory, statement.does)] : [condition];
  }
  const times = statement.kind === 'repeat' ? statement.times : 1;
  const done: Execution[] = [];
  for (let time = 0; time < times; time++) done.push(assign(done.at(-1)?.memory ?? memory, statement.does));
  return done;
}

/** An assignment of a variable from itself and the other one or a number; never below zero when it is done `times` times. */
export function drawAssignment(draw: Draw, memory: Memory, largest: number, times = 1): Assignment {
  const [target, other] = draw.several(Object.keys(memory), 2) as [string, string];
  const right = times === 1 && draw.chance(0.5) ? other : draw.between(1, largest);
  const amount = typeof right === 'number' ? right : memory[right]!;
  const left = typeof right === 'number' && times === 1 && draw.chance(0.3) ? other : target;
  const lessens = memory[left]! >= amount * times;
  return { target, left, sign: lessens && draw.chance(0.5) ? '-' : '+', right };
}
