import type { ToolLimits } from '../../../core/contracts/tool.js';
import { Steps, ToolStop } from '../shared/outcome.js';
import type { Block, Expression, Operator, Statement } from './program.js';

/** Integers stay within it in magnitude. What two of them give is checked before it is used, so rounding does not matter. */
const LARGEST = 999_999_999;

/** Integer arithmetic; comparisons give 1 or 0, quotients are cut towards zero, remainders have the dividend's sign. */
const OPERATIONS: Readonly<Record<Operator, (a: number, b: number) => number>> = {
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => Math.trunc(a / nonZero(b)),
  '%': (a, b) => a % nonZero(b),
};

/**
 * Runs a program.
 *
 * @returns what it prints, parted by spaces; no more than a little over the limit of characters is kept
 * @throws ToolStop `limit` (steps, variables, size of numbers), `arithmetic`, `not-found` for a variable without value
 */
export function runProgram(program: Block, limits: ToolLimits): string {
  const machine = new Machine(limits);
  machine.run(program);
  return machine.output;
}

/** Variables are numbers in a map: no name reaches anything else. */
class Machine {
  private readonly variables = new Map<string, number>();
  private readonly steps: Steps;
  private printed = '';

  constructor(private readonly limits: ToolLimits) {
    this.steps = new Steps(limits);
  }

  get output(): string {
    return this.printed;
  }

  run(block: Block): void {
    for (const statement of block) this.do(statement);
  }

  private do(statement: Statement): void {
    this.steps.take();
    switch (statement.kind) {
      case 'assign':
        this.assign(statement.name, this.valueOf(statement.value));
        break;
      case 'print':
        this.print(this.valueOf(statement.value));
        break;
      case 'if':
        this.run(this.valueOf(statement.condition) === 0 ? statement.otherwise : statement.then);
        break;
      case 'while':
        while (this.valueOf(statement.condition) !== 0) this.pass(statement.body);
        break;
      case 'repeat':
        for (let left = this.valueOf(statement.count); left > 0; left--) this.pass(statement.body);
    }
  }

  /** One pass of a loop costs a step, even with nothing in it. */
  private pass(body: Block): void {
    this.steps.take();
    this.run(body);
  }

  private valueOf(expression: Expression): number {
    this.steps.take();
    switch (expression.kind) {
      case 'number':
        return bounded(expression.value);
      case 'variable':
        return this.read(expression.name);
      case 'negation':
        // Not -x, which makes -0 of 0.
        return 0 - this.valueOf(expression.of);
      case 'operation': {
        const left = this.valueOf(expression.left);
        return bounded(OPERATIONS[expression.operator](left, this.valueOf(expression.right)));
      }
    }
  }

  private read(name: string): number {
    const value = this.variables.get(name);
    if (value === undefined) throw new ToolStop('not-found', 'a variable without value');
    return value;
  }

  private assign(name: string, value: number): void {
    this.variables.set(name, value);
    if (this.variables.size > this.limits.cells)
      throw new ToolStop('limit', `more than ${this.limits.cells} variables`);
  }

  private print(value: number): void {
    if (this.printed.length <= this.limits.characters)
      this.printed += `${this.printed === '' ? '' : ' '}${value}`;
  }
}

function bounded(value: number): number {
  if (Math.abs(value) > LARGEST) throw new ToolStop('limit', `a number beyond ${LARGEST}`);
  // Makes 0 of -0.
  return value + 0;
}

function nonZero(value: number): number {
  if (value === 0) throw new ToolStop('arithmetic', 'division by zero');
  return value;
}
