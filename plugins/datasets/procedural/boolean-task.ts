import type { Draw } from '../../../nn/random/index.js';

/** A boolean expression and how it is worked out from the inside. */
type Expression =
  | { readonly kind: 'value'; readonly value: boolean }
  | { readonly kind: 'not'; readonly inner: Expression }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression };

/** Evaluate an expression of true, false, not, and, or: every operation is one line of the reasoning. */
export function booleanTask(draw: Draw, depth: number): { question: string; steps: string; answer: string } {
  const expression = grow(draw, Math.max(2, depth));
  const steps: string[] = [];
  const value = evaluate(expression, steps);
  const question = ask(draw, write(expression));
  return { question, steps: steps.join(' '), answer: String(value) };
}

function ask(draw: Draw, expression: string): string {
  return draw.pick([`What is ${expression}?`, `Evaluate ${expression}.`, `Is ${expression} true or false?`]);
}

function grow(draw: Draw, depth: number): Expression {
  if (depth === 0) return { kind: 'value', value: draw.chance(0.5) };
  if (draw.chance(0.25)) return { kind: 'not', inner: grow(draw, depth - 1) };
  const kind = draw.chance(0.5) ? 'and' : 'or';
  const [deep, flat] = [grow(draw, depth - 1), grow(draw, draw.between(0, depth - 1))];
  return draw.chance(0.5) ? { kind, left: deep, right: flat } : { kind, left: flat, right: deep };
}

/** Sub-expressions stand in brackets, so that precedence never matters. */
function write(expression: Expression): string {
  const inner = (part: Expression): string =>
    part.kind === 'value' ? String(part.value) : `(${write(part)})`;
  if (expression.kind === 'value') return String(expression.value);
  if (expression.kind === 'not') return `not ${inner(expression.inner)}`;
  return `${inner(expression.left)} ${expression.kind} ${inner(expression.right)}`;
}

function evaluate(expression: Expression, steps: string[]): boolean {
  if (expression.kind === 'value') return expression.value;
  if (expression.kind === 'not') {
    const inner = evaluate(expression.inner, steps);
    steps.push(`not ${inner} is ${!inner}.`);
    return !inner;
  }
  const left = evaluate(expression.left, steps);
  const right = evaluate(expression.right, steps);
  const value = expression.kind === 'and' ? left && right : left || right;
  steps.push(`${left} ${expression.kind} ${right} is ${value}.`);
  return value;
}
