import type { Strategy } from '../problem.js';
import { compute, equation, opposite } from './equation.js';
import { demand, type Reader } from './reader.js';

/** What a question about numbers asks to be done. */
interface Task {
  readonly start: number;
  readonly operations: readonly { readonly sign: string; readonly by: number }[];
  readonly modulus: number | null;
}

export function checkArithmetic(reader: Reader, question: string, strategy: Strategy): void {
  const expression = /\d+(?:[-+*]\d+)+/.exec(question)?.[0];
  demand(expression !== undefined, 'the question has no expression');
  const operations = [...expression.matchAll(/([-+*])(\d+)/g)].map(([, sign, by]) => ({
    sign: sign!,
    by: Number(by),
  }));
  const modulus = /mod (\d+)/i.exec(question)?.[1];
  const start = Number.parseInt(expression, 10);
  checkTask(reader, { start, operations, modulus: modulus === undefined ? null : Number(modulus) }, strategy);
}

export function checkWordProblem(reader: Reader, question: string, strategy: Strategy): void {
  const start = /has (\d+)/.exec(question)?.[1];
  demand(start !== undefined, 'the question has no start');
  const events = question.matchAll(/(?:(finds|gets|buys|wins)|loses|sells|drops) (\d+)|doubles/g);
  const operations = [...events].map(([event, gain, by]) =>
    event === 'doubles' ? { sign: '*', by: 2 } : { sign: gain === undefined ? '-' : '+', by: Number(by) },
  );
  checkTask(reader, { start: Number(start), operations, modulus: null }, strategy);
}

function checkTask(reader: Reader, task: Task, strategy: Strategy): void {
  const check = GRAMMARS[strategy];
  demand(check !== undefined, `${strategy} is no way to work out a chain`);
  check(reader, task);
}

type Grammar = (reader: Reader, task: Task) => void;

const GRAMMARS: Readonly<Partial<Record<Strategy, Grammar>>> = {
  'chain-of-thought': (reader, task) => void steps(reader, task),
  decomposition,
  falsification,
  expert,
  'self-doubt': selfDoubt,
  'multi-domain': multiDomain,
};

/** All operations, a step each, or the first ones of them. Gives the values before each and at the end. */
function steps(reader: Reader, task: Task, count = task.operations.length): readonly number[] {
  const values = [task.start];
  for (const { sign, by } of task.operations.slice(0, count)) {
    values.push(equation(reader.next('<step>'), { a: values.at(-1)!, sign, b: by }, task.modulus));
  }
  return values;
}

function selfDoubt(reader: Reader, task: Task): void {
  const values = steps(reader, task);
  const [before, after] = values.slice(-2) as [number, number];
  const { sign, by } = task.operations.at(-1)!;
  const back = equation(reader.next('<doubt>'), { a: after, sign: opposite(sign), b: by }, task.modulus);
  demand(back === before, `the check gives ${back}, not ${before}`);
  reader.says('<step>', after);
}

function falsification(reader: Reader, task: Task): void {
  const before = steps(reader, task, task.operations.length - 1).at(-1)!;
  const { sign, by } = task.operations.at(-1)!;
  const [claim, other] = reader.next('<falsify>').split('!=') as [string, string?];
  const candidate = Number.parseInt(claim, 10);
  const answer = compute(before, sign, by, task.modulus);
  demand(candidate !== answer, `${candidate} is right and cannot be ruled out`);
  const found = equation(claim, { a: candidate, sign: opposite(sign), b: by }, task.modulus);
  demand(other === String(before) && found !== before, `"${claim}!=${other}" contradicts nothing`);
  equation(reader.next('<step>'), { a: before, sign, b: by }, task.modulus);
}

function decomposition(reader: Reader, task: Task): void {
  const amounts = (wanted: string): number[] =>
    task.operations.filter(({ sign }) => sign === wanted).map(({ by }) => by);
  demand(amounts('*').length === 0, 'a product is neither gain nor loss');
  const gains = sum(reader.next('<mece>'), [task.start, ...amounts('+')], task.modulus);
  const losses = sum(reader.next('<mece>'), amounts('-'), task.modulus);
  equation(reader.next('<step>'), { a: gains, sign: '-', b: losses }, task.modulus);
}

/** One number alone, or "3+5=8,8+2=10". */
function sum(text: string, numbers: readonly number[], modulus: number | null): number {
  const [first, ...rest] = numbers;
  demand(first !== undefined, 'a part is empty');
  if (rest.length === 0) {
    demand(text === String(first), `"${text}" should be ${first}`);
    return first;
  }
  const operations = rest.map((by) => ({ sign: '+', by }));
  return claims(text, { start: first, operations, modulus });
}

function claims(text: string, { start, operations, modulus }: Task): number {
  const written = text.split(',');
  demand(written.length === operations.length, `"${text}" should have ${operations.length} equations`);
  return operations.reduce(
    (now, { sign, by }, place) => equation(written[place]!, { a: now, sign, b: by }, modulus),
    start,
  );
}

function expert(reader: Reader, task: Task): void {
  const { modulus } = task;
  demand(modulus !== null, 'there is no modulus');
  reader.says('<expert>', 'mod last');
  const value = steps(reader, { ...task, modulus: null }).at(-1)!;
  equation(reader.next('<step>'), { a: value, sign: '%', b: modulus });
}

function multiDomain(reader: Reader, task: Task): void {
  reader.says('<reason>', task.operations.map(({ sign }) => (sign === '-' ? 'down' : 'up')).join(' '));
  claims(reader.next('<reason>'), task);
}
