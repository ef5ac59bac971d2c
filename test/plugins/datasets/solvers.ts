import type { DataRecord } from '../../../core/contracts/dataset.js';

/** Solves generated tasks from their text alone, by other means than the generators use. */

/** The question without the frame around it. */
export function asked(record: DataRecord): string {
  return /Question: ([\s\S]*)\nAnswer:$/.exec(record.input!)![1]!;
}

/** What stands after the answer mark. */
export function answerText(record: DataRecord): string {
  return record.output!.split('#### ')[1]!;
}

/** Value of an expression of whole numbers, + - * / and brackets, by recursive descent. */
export function evaluateExpression(expression: string): number {
  const tokens = expression.match(/\d+|[-+*/()]/g) ?? [];
  let at = 0;
  const factor = (): number => {
    const token = tokens[at++]!;
    if (token !== '(') return Number(token);
    const inner = sum();
    at++;
    return inner;
  };
  const product = (): number => {
    let value = factor();
    while (tokens[at] === '*' || tokens[at] === '/')
      value = tokens[at++] === '*' ? value * factor() : value / factor();
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '-')
      value = tokens[at++] === '+' ? value + product() : value - product();
    return value;
  };
  return sum();
}

const numbersIn = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number);

/** Answer of a word problem from the numbers and key words of its sentences. */
export function solveWordProblem(question: string, kind: string): number {
  const [a, b, c] = numbersIn(question) as [number, number, number];
  switch (kind) {
    case 'change':
      return solveChange(question);
    case 'groups':
      return question.includes('on the floor') ? a * b + c : a * b - c;
    case 'compare':
      return a + (question.includes('times') ? a * b : question.includes('fewer') ? a - b : a + b);
    case 'money':
      return c - a * solvePrice(question, b);
    case 'share':
      return (a + b) / c;
    default:
      return a + b * c;
  }
}

function solvePrice(question: string, fallback: number): number {
  const price = /costs (\d+) dollars/.exec(question);
  return price ? Number(price[1]) : fallback;
}

/** Follows "has N", then every gain and loss, sentence by sentence. */
function solveChange(question: string): number {
  const sentences = question.split(/(?<=[.?]) /).slice(0, -1);
  return sentences.reduce((now, sentence, index) => {
    const [amount] = numbersIn(sentence) as [number];
    if (index === 0) return amount;
    return /\bmore\b/.test(sentence) ? now + amount : now - amount;
  }, 0);
}

/** Forward chaining over "X is a k", "All k are l", "All/No k are t". */
export function deduce(question: string): string {
  const name = /(\w+) is a (\w+)\./.exec(question)!;
  const wanted = /Is \w+ (\w+)\?/.exec(question)![1]!;
  const known = new Set([`${name[2]}s`]);
  for (let round = 0; round < 10; round++) {
    for (const [, kind, property] of question.matchAll(/All (\w+) are (\w+)\./g))
      if (known.has(kind!)) known.add(property!);
  }
  if (known.has(wanted)) return 'yes';
  const denied = [...question.matchAll(/No (\w+) are (\w+)\./g)].some(
    ([, kind, property]) => known.has(kind!) && property === wanted,
  );
  return denied ? 'no' : 'unknown';
}

/** Rewrites the innermost operations until a value is left. */
export function booleanValue(question: string): string {
  let expression = question.replace(/^(What is|Evaluate|Is) /, '').replace(/( true or false)?[?.]$/, '');
  const rules: readonly (readonly [RegExp, (match: string) => string])[] = [
    [/\((true|false)\)/g, (match) => match.slice(1, -1)],
    [/not (true|false)/g, (match) => (match.endsWith('true') ? 'false' : 'true')],
    [/(true|false) and (true|false)/g, (match) => (match === 'true and true' ? 'true' : 'false')],
    [/(true|false) or (true|false)/g, (match) => (match === 'false or false' ? 'false' : 'true')],
  ];
  for (let round = 0; round < 100 && expression !== 'true' && expression !== 'false'; round++) {
    const rule = rules.find(([pattern]) => expression.search(pattern) >= 0)!;
    expression = expression.replace(rule[0], rule[1]);
  }
  return expression;
}

/** The one that is above (or below) all others: on the left (or right) of every comparison it is in. */
export function mostOf(question: string): string {
  const pairs = [...question.matchAll(/(\w+) is \w+ than (\w+)\./g)].map(
    ([, upper, lower]) => [upper!, lower!] as const,
  );
  const people = new Set(pairs.flat());
  const top = /tallest|oldest|fastest|strongest/.test(question);
  return [...people].find((person) => pairs.every(([upper, lower]) => (top ? lower : upper) !== person))!;
}
