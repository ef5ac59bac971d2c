import type { Strategy } from '../problem.js';
import { equation, opposite } from './equation.js';
import { demand, type Reader } from './reader.js';

/** Runs the program of the question beside the thought. */
export function checkCode(reader: Reader, question: string, strategy: Strategy): void {
  const asked = /(?:What is|Then) (\w)\b/.exec(question)?.[1];
  demand(asked !== undefined, 'the question asks for no variable');
  const run = new Run(reader, strategy === 'expert');
  const program = question.replace(/^Run /, '').split('.')[0]!;
  for (const line of program.split('; ')) run.line(line);
  if (strategy === 'self-doubt') run.doubt();
  if (strategy === 'self-doubt' || run.said !== asked) reader.says('<step>', `${asked}=${run.value(asked)}`);
}

/** An assignment with the values put in. */
interface Done {
  readonly a: number;
  readonly sign: string;
  readonly b: number;
  readonly result: number;
}

class Run {
  private readonly memory = new Map<string, number>();
  private last: Done | null = null;
  /** The variable whose value the last step says. */
  said: string | null = null;

  constructor(
    private readonly reader: Reader,
    private readonly expert: boolean,
  ) {}

  line(line: string): void {
    const [, set, number] = /^(\w)=(\d+)$/.exec(line) ?? [];
    const [, variable, over, then] = /^if (\w)>(\d+): (.+)$/.exec(line) ?? [];
    const [, times, body] = /^repeat (\d+): (.+)$/.exec(line) ?? [];
    if (set !== undefined) this.memory.set(set, Number(number));
    else if (variable !== undefined) this.branch(variable, Number(over), then!);
    else if (times !== undefined) this.repeat(Number(times), body!);
    else this.assign(line);
  }

  /** A variable or a number. */
  value(name: string): number {
    const value = /^\d+$/.test(name) ? Number(name) : this.memory.get(name);
    demand(value !== undefined, `${name} has no value`);
    return value;
  }

  doubt(): void {
    demand(this.last !== null, 'nothing was done that could be checked');
    const { a, sign, b, result } = this.last;
    const back = equation(this.reader.next('<doubt>'), { a: result, sign: opposite(sign), b });
    demand(back === a, `the check gives ${back}, not ${a}`);
  }

  private assign(line: string): void {
    const [, target, left, sign, right] = /^(\w)=(\w+)([-+])(\w+)$/.exec(line) ?? [];
    demand(target !== undefined, `"${line}" is no statement`);
    const text = this.reader.next('<step>');
    demand(text.startsWith(`${target}=`), `<step>${text} should be about ${target}`);
    const a = this.value(left!);
    const b = this.value(right!);
    const result = equation(text.slice(2), { a, sign: sign!, b });
    this.last = { a, sign: sign!, b, result };
    this.memory.set(target, result);
    this.said = target;
  }

  private branch(variable: string, over: number, then: string): void {
    const value = this.value(variable);
    this.reader.says('<step>', `${value}>${over} ${value > over ? 'yes' : 'no'}`);
    this.said = null;
    if (value > over) this.assign(then);
  }

  private repeat(times: number, body: string): void {
    if (!this.expert) {
      for (let time = 0; time < times; time++) this.assign(body);
      return;
    }
    const amount = Number(/\d+$/.exec(body)?.[0]);
    const claim = this.reader.next('<expert>');
    demand(claim.startsWith('repeat '), `<expert>${claim} should name the rule of loops`);
    const product = equation(claim.slice('repeat '.length), { a: times, sign: '*', b: amount });
    this.assign(body.replace(/\d+$/, String(product)));
  }
}
