import { arithmeticTasks } from '../../../plugins/generators/index.js';
import { checkTrace } from '../../../plugins/datasets/procedural/reasoning/index.js';
import type { TaskItem } from '../../../core/contracts/task.js';
import { generatorOf, itemsOf, worked, wordingOf } from './support.js';

const expressionIn = (item: TaskItem): string => /\d+(?:[-+*]\d+)+/.exec(item.question)![0];

/** What is wrong with the thought, by the checker of the set that models are trained on. */
const flawOf = ({ question, answer, thought }: TaskItem): string | null =>
  checkTrace({
    text: '',
    input: `Question: ${question}\nAnswer:`,
    output: ` #### ${answer}`,
    metadata: {
      family: 'arithmetic',
      strategy: 'chain-of-thought',
      trace: `<think>${thought}</think>`,
      answer,
    },
  });

test.each(['train', 'held-out'] as const)(
  '%s: answers are right and thoughts are those of the set',
  async (side) => {
    const generator = await generatorOf(arithmeticTasks());
    for (const concept of generator.concepts)
      for (const difficulty of [1, 30, 70, 100])
        for (const item of itemsOf(generator, concept, difficulty, side)) {
          const modulus = concept === 'modular' ? 10 : null;
          expect(item.answer).toBe(String(worked(expressionIn(item), modulus)));
          expect(flawOf(item)).toBeNull();
        }
  },
);

test('difficulty 1 is two numbers up to 3, difficulty 100 what the options say', async () => {
  const generator = await generatorOf(arithmeticTasks({ largest: 12, steps: 4 }));
  const numbersOf = (difficulty: number) =>
    itemsOf(generator, 'sum', difficulty, 'train', 200).map((item) =>
      expressionIn(item).split(/[-+]/).map(Number),
    );
  const easy = numbersOf(1);
  expect(new Set(easy.map((numbers) => numbers.length))).toEqual(new Set([2]));
  expect(Math.max(...easy.flat())).toBe(3);
  const hard = numbersOf(100);
  expect(new Set(hard.map((numbers) => numbers.length))).toEqual(new Set([5]));
  expect(Math.max(...hard.flat())).toBe(12);
});

test('every further difficulty is harder', async () => {
  const generator = await generatorOf(arithmeticTasks());
  const steps = [1, 25, 50, 75, 100].map((difficulty) => {
    const items = itemsOf(generator, 'sum', difficulty, 'train', 100);
    return items.reduce((sum, item) => sum + expressionIn(item).split(/[-+]/).length, 0) / items.length;
  });
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
  expect(new Set(steps).size).toBe(5);
});

test('what is trained on is worded as the set and in many ways more, what is measured with in others', async () => {
  const generator = await generatorOf(arithmeticTasks());
  const wordings = (side: 'train' | 'held-out') =>
    new Set(itemsOf(generator, 'sum', 50, side).map(({ question }) => wordingOf(question)));
  const trained = wordings('train');
  for (const wording of ['# = ?', 'What is #?', 'Bring me the value of #.'])
    expect(trained).toContain(wording);
  expect(trained.size).toBeGreaterThan(20);
  expect([...wordings('held-out')].sort()).toEqual(['Find #.', 'How much is #?']);
});

test('no sum is on both sides', async () => {
  const generator = await generatorOf(arithmeticTasks());
  const sums = (side: 'train' | 'held-out') =>
    new Set(
      [1, 5, 10].flatMap((difficulty) => itemsOf(generator, 'sum', difficulty, side, 200).map(expressionIn)),
    );
  const measured = sums('held-out');
  expect(measured.size).toBeGreaterThan(5);
  expect([...sums('train')].filter((sum) => measured.has(sum))).toEqual([]);
});

test('hints go from the area to the first step', async () => {
  const generator = await generatorOf(arithmeticTasks());
  const item = itemsOf(generator, 'sum', 60).find(({ thought }) => thought!.split('<step>').length > 2)!;
  const hints = [1, 2, 3, 4].map((level) => generator.hint(item, level));
  const first = item.thought!.split('<step>')[1];
  expect(hints).toEqual([
    expect.stringMatching(/adding/),
    expect.stringMatching(/left to right/),
    `First: ${first}`,
    null,
  ]);
  const short = itemsOf(generator, 'sum', 1)[0]!;
  expect(generator.hint(short, 3)).toBe(`First: ${expressionIn(short)}=?`);
});
