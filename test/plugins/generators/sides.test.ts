import type { AnyPluginFactory, Plugin } from '../../../core/contracts/plugin.js';
import type { TaskGenerator } from '../../../core/contracts/task.js';
import type { TaskSide } from '../../../core/contracts/tool.js';
import { BUILTIN_PLUGINS } from '../../../plugins/catalogue.js';
import { generatorOf, itemsOf } from './support.js';

const SIDES: readonly TaskSide[] = ['train', 'held-out'];
/** Those that make their questions themselves: what tools ask is theirs, what a service writes is its own. */
const OTHERS = ['tool-tasks', 'openrouter-tasks'];

const own = BUILTIN_PLUGINS.filter(({ name, point }) => point === 'task-generator' && !OTHERS.includes(name));

const made = async ({ load }: (typeof own)[number]): Promise<TaskGenerator> =>
  generatorOf(((await load()) as AnyPluginFactory & (() => Plugin))());

/** The words that many questions of a concept have, in the order of each question: what is left is its wording. */
function wordingsOf(questions: readonly string[]): ReadonlySet<string> {
  const wordsOf = (question: string): string[] => question.match(/[A-Za-z]{2,}/g) ?? [];
  const counts = new Map<string, number>();
  for (const question of questions)
    for (const word of new Set(wordsOf(question))) counts.set(word, (counts.get(word) ?? 0) + 1);
  const common = (word: string): boolean => counts.get(word)! > 0.3 * questions.length;
  return new Set(questions.map((question) => wordsOf(question).filter(common).join(' ')));
}

describe.each(own.map((builtin) => [builtin.name, builtin] as const))('%s', (_, builtin) => {
  test('has questions for both sides at every difficulty', async () => {
    const generator = await made(builtin);
    for (const concept of generator.concepts)
      for (let difficulty = 1; difficulty <= 100; difficulty++)
        for (const side of SIDES) expect(itemsOf(generator, concept, difficulty, side, 1)).toHaveLength(1);
  });

  test('no wording is on both sides', async () => {
    const generator = await made(builtin);
    for (const concept of generator.concepts) {
      const [trained, measured] = SIDES.map((side) =>
        wordingsOf(itemsOf(generator, concept, 40, side, 200).map(({ question }) => question)),
      );
      expect([concept, [...measured!].filter((wording) => trained!.has(wording))]).toEqual([concept, []]);
    }
  });

  test('both sides have several questions at the easiest', async () => {
    const generator = await made(builtin);
    for (const concept of generator.concepts) {
      const different = (side: TaskSide) =>
        new Set(itemsOf(generator, concept, 1, side, 300).map(({ id }) => id)).size;
      expect(different('held-out')).toBeGreaterThanOrEqual(4);
      expect(different('train')).toBeGreaterThan(different('held-out') / 2);
    }
  });
});
