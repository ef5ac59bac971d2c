/** Solves tasks of known depth or distance from their questions alone, by other means than the generators use. */

export interface Chain {
  /** The calculation, however it was said. */
  readonly expression: string;
  readonly operations: number;
  readonly answer: string;
}

/** Works with numbers as large as they become and takes the remainder once, at the end. */
export function solveChain(question: string): Chain {
  const modulus = BigInt(/modulo (\d+)|mod (\d+)/i.exec(question)?.slice(1).find(Boolean) ?? '10');
  const said = question.replace(/mod(?:ulo)? \d+/i, '');
  const expression = /start with/i.test(said) ? signsOf(said) : /\d+(?: [-+*] \d+)*/.exec(said)![0];
  const [start, ...rest] = expression.split(' ');
  let value = BigInt(start!);
  for (let at = 0; at < rest.length; at += 2) {
    const by = BigInt(rest[at + 1]!);
    value = { '+': value + by, '-': value - by, '*': value * by }[rest[at]!]!;
  }
  const answer = ((value % modulus) + modulus) % modulus;
  return { expression: `${expression} mod ${modulus}`, operations: rest.length / 2, answer: String(answer) };
}

function signsOf(words: string): string {
  const clauses: readonly (readonly [RegExp, string])[] = [
    [/start with (\d+)/i, ''],
    [/add (\d+)/i, '+ '],
    [/take away (\d+)/i, '- '],
    [/multiply it by (\d+)/i, '* '],
    [/double it/i, '* 2'],
  ];
  return words
    .split(/[.,]/)
    .flatMap((clause) => {
      const found = clauses.find(([pattern]) => pattern.test(clause));
      return found === undefined ? [] : [found[1] + (found[0].exec(clause)![1] ?? '')];
    })
    .join(' ');
}

export interface Sorting {
  readonly items: readonly string[];
  readonly answer: string;
}

/** Gives every item the place that the number of smaller (or larger) ones says. */
export function solveSorting(question: string): Sorting {
  const items = /(?<![\w])(?:[a-z]|\d+)(?: (?:[a-z]|\d+)(?!\w))+/.exec(question)![0].split(' ');
  const down = /sort_down|descending|largest|from large|from z/.test(question);
  const size = (item: string): number => (/\d/.test(item) ? Number(item) : item.codePointAt(0)!);
  const placed: string[] = [];
  for (const item of items) {
    const before = items.filter((other) => (down ? size(other) > size(item) : size(other) < size(item)));
    placed[before.length] = item;
  }
  const place = /\[(\d+)\]|(\d+)(?:st|nd|rd|th)\b/.exec(question)?.slice(1).find(Boolean);
  const k = place ?? (/largest|smallest/.test(question) ? '1' : undefined);
  return { items, answer: k === undefined ? placed.join(' ') : placed[Number(k) - 1]! };
}

export interface Brackets {
  readonly text: string;
  /** What is left when pairs with nothing between them are taken out again and again. */
  readonly rest: string;
  /** Rounds of taking out all such pairs: of a balanced text, its depth. */
  readonly rounds: number;
  readonly answer: string;
}

export function solveBrackets(question: string): Brackets {
  const text = /"([^"]*)"/.exec(question)![1]!;
  const [rest, rounds] = withoutPairs(text);
  const mirror: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
  const missing = rest.split('').reduceRight((closed, open) => closed + mirror[open]!, '');
  const answer = /yes or no|balanced/.test(question)
    ? rest === ''
      ? 'yes'
      : 'no'
    : /deep|depth/.test(question)
      ? String(rounds)
      : missing;
  return { text, rest, rounds, answer };
}

export interface Recall {
  readonly answer: string;
  /** Words between the value that counts and the question. */
  readonly distance: number;
  /** Values that the thing asked for had. */
  readonly values: number;
  /** Facts told, in order. */
  readonly facts: readonly string[];
}

export function solveRecall(text: string): Recall {
  const sentences = text.split(/(?<=[.?]) /);
  const key = /the (\w+ \w+)[?.]$/.exec(sentences.at(-1)!)![1]!;
  const facts = sentences.slice(0, -1).filter((sentence) => /\d/.test(sentence));
  const own = facts.filter((sentence) => sentence.includes(` ${key} `));
  const after = sentences.slice(sentences.lastIndexOf(own.at(-1)!) + 1, -1);
  return {
    answer: /\d+/.exec(own.at(-1)!)![0],
    distance: after.join(' ').split(' ').filter(Boolean).length,
    values: own.length,
    facts,
  };
}

function withoutPairs(text: string): readonly [rest: string, rounds: number] {
  const next = text.replace(/\(\)|\[\]|\{\}/g, '');
  if (next === text) return [text, 0];
  const [rest, rounds] = withoutPairs(next);
  return [rest, rounds + 1];
}
