import { listTasks, recallTasks } from '../../../plugins/generators/index.js';
import { generatorOf, itemsOf, wordingOf } from './support.js';

const SIDES = ['train', 'held-out'] as const;

test.each(SIDES)('%s: lists are copied, reversed and sorted', async (side) => {
  const generator = await generatorOf(listTasks());
  const change: Record<string, (list: string[]) => string[]> = {
    copy: (list) => list,
    reverse: (list) => list.toReversed(),
    sort: (list) => list.toSorted((a, b) => (/\d/.test(a) ? Number(a) - Number(b) : a < b ? -1 : 1)),
  };
  expect(generator.concepts).toEqual(Object.keys(change));
  for (const concept of generator.concepts)
    for (const item of itemsOf(generator, concept, 80, side)) {
      const list = /(?:\b(?:[a-z]|\d+)\b ?){2,}/.exec(item.question)![0].trim().split(' ');
      expect([item.question, item.answer]).toEqual([item.question, change[concept]!(list).join(' ')]);
    }
});

test('lists have two items at first and as many as the option says at last', async () => {
  const generator = await generatorOf(listTasks({ items: 5 }));
  const lengths = (difficulty: number) =>
    new Set(itemsOf(generator, 'copy', difficulty).map(({ answer }) => answer.split(' ').length));
  expect([lengths(1), lengths(100)]).toEqual([new Set([2]), new Set([5])]);
});

test.each(SIDES)('%s: the last value of a key is recalled', async (side) => {
  const generator = await generatorOf(recallTasks());
  for (const concept of generator.concepts)
    for (const item of itemsOf(generator, concept, 60, side)) {
      const told = new Map(
        [...item.question.matchAll(/(\w+) (\d+)/g)].map(([, key, value]) => [key!, value!]),
      );
      const asked = /(?:what is|find|Tell me) (\w+)[?.]$/i.exec(item.question)![1]!;
      expect(item.answer).toBe(told.get(asked));
      const pairs = [...item.question.matchAll(/(\w+) (\d+)/g)].length;
      expect(pairs - told.size).toBe(concept === 'overwritten' ? 1 : 0);
    }
});

test('half of the questions after a new value are for it', async () => {
  const generator = await generatorOf(recallTasks());
  const anew = itemsOf(generator, 'overwritten', 100, 'train', 300).filter(({ question }) => {
    const asked = /(?:what is) (\w+)\?$/i.exec(question)![1]!;
    return question.split(`${asked} `).length > 2;
  });
  expect(Math.abs(anew.length / 300 - 0.5)).toBeLessThan(0.1);
});

test.each([
  ['lists', listTasks],
  ['recall', recallTasks],
])('%s: no wording is on both sides', async (_, plugin) => {
  const generator = await generatorOf(plugin());
  const wordings = (side: 'train' | 'held-out') =>
    new Set(
      generator.concepts.flatMap((concept) =>
        itemsOf(generator, concept, 30, side).map(({ question }) =>
          wordingOf(question.replace(/\b\w+ \d+,? ?/g, '')),
        ),
      ),
    );
  const trained = wordings('train');
  expect([...wordings('held-out')].filter((wording) => trained.has(wording))).toEqual([]);
});
