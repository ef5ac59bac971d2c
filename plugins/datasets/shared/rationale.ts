import type { DataRecord } from '../../../core/contracts/dataset.js';
import { FINAL_ANSWER } from './question.js';

/** Calculator marks: `<<48/2=24>>24` reads `24`. */
export const CALCULATION = /<<[^>]*>>/g;

/** "$1,200 x 0.5 = $600", without brackets: a part of a longer expression must not pass for the whole. */
const NUMBER = String.raw`\$?\d[\d,]*(?:\.\d+)?`;
const EQUATION = new RegExp(
  String.raw`(?<![\w.,$])(?<![)%*/+=-] ?)${NUMBER}(?: ?[-+*/x] ?${NUMBER})+ ?= ?${NUMBER}(?![.,]?\w| ?[-+*/%(])`,
  'g',
);

/** Written results are rounded to cents at the worst. */
const TOLERANCE = 0.01;

/**
 * A thought from the worked solution of a record in the form of GSM8K, one `<step>` a line: its equations where they
 * hold, as `48/2=24`, else the line itself. It ends in `metadata.answer`. Null for a record without steps or without an
 * answer.
 */
export function rationaleTrace({ output = '', metadata = {} }: DataRecord): string | null {
  const answer = metadata['answer'];
  const [working] = output.replace(CALCULATION, '').split(FINAL_ANSWER) as [string];
  const steps = working.split('\n').flatMap(stepsIn);
  if (answer === undefined || steps.length === 0) return null;
  if (steps.at(-1)!.split('=').at(-1) !== String(answer)) steps.push(String(answer));
  return `<think>${steps.map((step) => `<step>${step}`).join('')}</think>`;
}

function stepsIn(line: string): readonly string[] {
  const equations = (line.match(EQUATION) ?? []).map(plain);
  const text = line.trim();
  if (equations.length > 0 && equations.every(holds)) return [equations.join(',')];
  return text === '' ? [] : [text];
}

/** "1200*0.5=600": no blanks, currency or separators, numbers as short as they can be. */
function plain(equation: string): string {
  return equation
    .replace(/[\s$,]/g, '')
    .replaceAll('x', '*')
    .replace(/\d+(?:\.\d+)?/g, (number) => String(Number(number)));
}

function holds(equation: string): boolean {
  const [expression, result] = equation.split('=') as [string, string];
  // products first: every term begins with its sign
  const terms = `+${expression}`.match(/[-+][^-+]+/g) ?? [];
  const sum = terms.reduce((total, term) => total + product(term), 0);
  return Math.abs(sum - Number(result)) <= TOLERANCE;
}

function product(term: string): number {
  const [first, ...factors] = term.split(/(?=[*/])/);
  return factors.reduce((value, factor) => {
    const by = Number(factor.slice(1));
    return factor.startsWith('*') ? value * by : value / by;
  }, Number(first));
}
