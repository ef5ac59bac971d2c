import type { Draw } from '../../../nn/random/index.js';

/** A new value of one variable: `x=x+3`, `y=y-x`. */
export interface Assignment {
  readonly target: string;
  readonly left: string;
  readonly sign: '+' | '-';
  /** Another variable or a number. */
  readonly right: string | number;
}

export type Statement =
  | { readonly kind: 'assign'; readonly does: Assignment }
  | { readonly kind: 'if'; readonly variable: string; readonly over: number; readonly does: Assignment }
  | { readonly kind: 'repeat'; readonly times: number; readonly does: Assignment };

/** Values of the variables. */
export type Memory = Readonly<Record<string, number>>;

/** What was done, a claim for each step, and the memory after it. */
export interface Trace {
  readonly steps: readonly string[];
  readonly memory: Memory;
}

/** `if x>3: y=y+1`. */
export function writeStatement(statement: Statement): string {
  const { target, left, sign, right } = statement.does;
  const does = `${target}=${left}${sign}${right}`;
  if (statement.kind === 'if') return `if ${statement.variable}>${statement.over}: ${does}`;
  return statement.kind === 'repeat' ? `repeat ${statement.times}: ${does}` : does;
}

/** Statements one after the other: `x=3+4=7` for an assignment, `7>5 yes` for a condition. */
export function traceOf(memory: Memory, statements: readonly Statement[]): Trace {
  let now = memory;
  const steps: string[] = [];
  const assign = (does: Assignment): void => {
    const [a, b] = [now[does.left]!, valueOf(now, does.right)];
    const value = does.sign === '+' ? a + b : a - b;
    steps.push(`${does.target}=${a}${does.sign}${b}=${value}`);
    now = { ...now, [does.target]: value };
  };
  for (const statement of statements) {
    if (statement.kind === 'if') {
      const holds = now[statement.variable]! > statement.over;
      steps.push(`${now[statement.variable]}>${statement.over} ${holds ? 'yes' : 'no'}`);
      if (holds) assign(statement.does);
    } else {
      const times = statement.kind === 'repeat' ? statement.times : 1;
      for (let time = 0; time < times; time++) assign(statement.does);
    }
  }
  return { steps, memory: now };
}

/** A variable from itself or the other one and a number or the other one; not below zero when done `times` times. */
export function drawAssignment(draw: Draw, memory: Memory, largest: number, times = 1): Assignment {
  const [target, other] = draw.several(Object.keys(memory), 2) as [string, string];
  const right = times === 1 && draw.chance(0.5) ? other : draw.between(1, largest);
  const left = typeof right === 'number' && times === 1 && draw.chance(0.3) ? other : target;
  const lessens = memory[left]! >= valueOf(memory, right) * times;
  return { target, left, sign: lessens && draw.chance(0.5) ? '-' : '+', right };
}

function valueOf(memory: Memory, right: string | number): number {
  return typeof right === 'number' ? right : memory[right]!;
}
