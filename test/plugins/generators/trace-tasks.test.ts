import type { TaskItem } from '../../../core/contracts/task.js';
import { checkTrace } from '../../../plugins/datasets/procedural/reasoning/index.js';
import { traceTasks } from '../../../plugins/generators/index.js';
import { generatorOf, itemsOf } from './support.js';

/** The question in the words of the set, whose checker runs the program again. */
function asInTheSet({ question }: TaskItem): string {
  const [, given, asked] = /^Given (.*), find (\w)\.$/.exec(question) ?? [];
  const [, wanted, after] = /^How much is (\w) after (.*)\?$/.exec(question) ?? [];
  if (given !== undefined) return `${given}. What is ${asked}?`;
  if (wanted !== undefined) return `${after}. What is ${wanted}?`;
  // any sentence of training: the variable is the only letter that stands alone behind the program
  const [, program, sentence] = /^(.*)\. ([A-Z].*)$/.exec(question)!;
  const variable = /\b([abmnxy])\b/.exec(sentence!)?.[1];
  return /^(What is \w\?|Then)/.test(sentence!) ? question : `${program}. What is ${variable}?`;
}

test.each(['train', 'held-out'] as const)('%s: thoughts and answers are those of the set', async (side) => {
  const generator = await generatorOf(traceTasks());
  expect(generator.concepts).toEqual(['assignments', 'branch', 'loop']);
  for (const concept of generator.concepts)
    for (const difficulty of [1, 40, 100])
      for (const item of itemsOf(generator, concept, difficulty, side, 60)) {
        const { answer, thought } = item;
        const flaw = checkTrace({
          text: '',
          input: `Question: ${asInTheSet(item)}\nAnswer:`,
          output: ` #### ${answer}`,
          metadata: {
            family: 'code',
            strategy: 'chain-of-thought',
            trace: `<think>${thought}</think>`,
            answer,
          },
        });
        expect([item.question, flaw]).toEqual([item.question, null]);
      }
});

test('half of the conditions hold', async () => {
  const generator = await generatorOf(traceTasks());
  const holds = itemsOf(generator, 'branch', 50, 'train', 300).filter(({ thought }) => / yes/.test(thought!));
  expect(holds.length / 300).toBeGreaterThan(0.35);
  expect(holds.length / 300).toBeLessThan(0.65);
});
