import type { TaskItem } from '../../../core/contracts/task.js';
import type { TaskSide } from '../../../core/contracts/tool.js';
import { checkTrace } from '../../../plugins/datasets/procedural/reasoning/index.js';
import {
  booleanTasks,
  bracketTasks,
  editTasks,
  lookupTasks,
  wordProblemTasks,
} from '../../../plugins/generators/index.js';
import { generatorOf, itemsOf } from './support.js';

/** What a question asks, worked out from its text alone, whatever its wording. */
type Solve = (question: string, item: TaskItem) => string;

const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number);

const SOLUTIONS: Readonly<Record<string, Readonly<Record<string, Solve>>>> = {
  'boolean-tasks': { chain: truth, nested: truth },
  'bracket-tasks': {
    matching: (question) => (reduced(bracketsIn(question)) === '' ? 'yes' : 'no'),
    depth: (question) => {
      const heights = [...bracketsIn(question)].reduce<number[]>(
        (all, bracket) => [...all, (all.at(-1) ?? 0) + ('([{'.includes(bracket) ? 1 : -1)],
        [],
      );
      return String(Math.max(...heights));
    },
    close: (question) =>
      [...reduced(bracketsIn(question))]
        .reverse()
        .map((open) => ({ '(': ')', '[': ']', '{': '}' })[open])
        .join(''),
  },
  'edit-tasks': {
    replace: (question) => {
      const [from, to] = lettersOf(question, /put|instead/.test(question));
      return wordOf(question).replaceAll(from!, to!);
    },
    remove: (question) => wordOf(question).replaceAll(lettersOf(question)[0]!, ''),
    insert: (question) => {
      const word = wordOf(question);
      return `${word[0]}${lettersOf(question)[0]}${word.slice(1)}`;
    },
    double: (question) => wordOf(question).replace(/./g, '$&$&'),
  },
  'lookup-tasks': {
    cell: (question) => {
      const table = /name [^.,]*?(?=\.|,|$)/.exec(question)![0];
      const [head, ...lines] = table.split('; ').map((line) => line.split(' '));
      const rest = question.replace(table, '');
      const column = head!.findIndex((name) => new RegExp(`\\b${name}\\b`).test(rest) && name !== 'name');
      return lines.find(([name]) => new RegExp(`\\b${name}\\b`).test(rest))![column]!;
    },
    hops: (question) => {
      const arrows = new Map([...question.matchAll(/(\w)>(\w)/g)].map(([, from, to]) => [from!, to!]));
      const start = /(?:Start at|from|Begin at|From) (\w)\b/.exec(question)![1]!;
      return Array.from({ length: numbers(question)[0]! }).reduce<string>((now) => arrows.get(now)!, start);
    },
  },
  'word-problem-tasks': {
    events: (question) =>
      String(
        [...question.matchAll(/(has|finds|gets|buys|wins|loses|sells|drops) (\d+)/g)].reduce(
          (now, [, verb, by]) => now + (/loses|sells|drops/.test(verb!) ? -1 : 1) * Number(by),
          0,
        ),
      ),
    groups: (question) => {
      const [count, each, rest = 0] = numbers(question);
      return String(count! * each! + rest);
    },
    comparison: (question) => {
      const [base, by] = numbers(question);
      const other = question.includes('more') ? base! + by! : base! - by!;
      return String(/together|both/.test(question) ? base! + other : other);
    },
  },
};

function truth(question: string): string {
  const words = question.match(/true|false|not|and|or|[()]/g)!;
  return String(evaluated(words));
}

/** From left to right, "not" on the value behind it; takes the words away that it has read. */
function evaluated(words: string[]): boolean {
  const value = (): boolean => {
    const word = words.shift()!;
    if (word === 'not') return !value();
    if (word !== '(') return word === 'true';
    const inner = evaluated(words);
    words.shift();
    return inner;
  };
  let now = value();
  while (words[0] === 'and' || words[0] === 'or') {
    const word = words.shift();
    const next = value();
    now = word === 'and' ? now && next : now || next;
  }
  return now;
}

const bracketsIn = (question: string): string => question.replace(/[^[\](){}]/g, '');
function reduced(text: string): string {
  const less = text.replace(/\(\)|\[\]|\{\}/g, '');
  return less === text ? text : reduced(less);
}

const wordOf = (question: string): string => /"(\w+)"/.exec(question)![1]!;
/** The single letters outside of the quotes; "a" as an article is in no wording. */
function lettersOf(question: string, turned = false): string[] {
  const found = [...question.replace(/"\w+"/, '').matchAll(/\b([a-z])\b/g)].map(([, letter]) => letter!);
  return turned ? found.reverse() : found;
}

const PLUGINS = { booleanTasks, bracketTasks, editTasks, lookupTasks, wordProblemTasks };
const SIDES: readonly TaskSide[] = ['train', 'held-out'];

describe.each(Object.entries(PLUGINS))('%s', (_, plugin) => {
  test.each(SIDES)('%s: every answer is what the question asks for', async (side) => {
    const name = plugin().name;
    const generator = await generatorOf(plugin());
    expect(generator.concepts).toEqual(Object.keys(SOLUTIONS[name]!));
    for (const concept of generator.concepts)
      for (const difficulty of [1, 33, 66, 100])
        for (const item of itemsOf(generator, concept, difficulty, side, 50)) {
          const expected = SOLUTIONS[name]![concept]!(item.question, item);
          expect([item.question, item.answer]).toEqual([item.question, expected]);
        }
  });

  test('is harder at the end than at the beginning', async () => {
    const generator = await generatorOf(plugin());
    for (const concept of generator.concepts) {
      const length = (difficulty: number) =>
        itemsOf(generator, concept, difficulty).reduce(
          (sum, { question, thought }) => sum + question.length + (thought?.length ?? 0),
          0,
        );
      expect([concept, length(100) > length(1)]).toEqual([concept, true]);
    }
  });
});

test('thoughts of events and of hops are those of the set', async () => {
  for (const [plugin, concept, family] of [
    [wordProblemTasks, 'events', 'word-problems'],
    [lookupTasks, 'hops', 'lookup'],
  ] as const) {
    const generator = await generatorOf(plugin());
    for (const { question, answer, thought } of itemsOf(generator, concept, 60)) {
      const metadata = { family, strategy: 'chain-of-thought', trace: `<think>${thought}</think>`, answer };
      const record = {
        text: '',
        input: `Question: ${question}\nAnswer:`,
        output: ` #### ${answer}`,
        metadata,
      };
      expect([question, checkTrace(record)]).toEqual([question, null]);
    }
  }
});

test('half of the brackets match, and half of the expressions are true', async () => {
  const share = async (
    plugin: typeof bracketTasks | typeof booleanTasks,
    concept: string,
    answer: string,
  ) => {
    const items = itemsOf(await generatorOf(plugin()), concept, 50, 'train', 300);
    return items.filter((item) => item.answer === answer).length / items.length;
  };
  for (const found of [
    await share(bracketTasks, 'matching', 'yes'),
    await share(booleanTasks, 'nested', 'true'),
    await share(booleanTasks, 'chain', 'true'),
  ])
    expect(Math.abs(found - 0.5)).toBeLessThan(0.12);
});
