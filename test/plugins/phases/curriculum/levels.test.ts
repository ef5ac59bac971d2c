import type { Answered } from '../../../../plugins/phases/shared/tasks/asking.js';
import { documentsOfEpoch } from '../../../../plugins/phases/curriculum/epoch-documents.js';
import { learnLevels, measuredLists } from '../../../../plugins/phases/curriculum/levels.js';
import { levelLists } from '../../../../plugins/phases/curriculum/lists.js';
import { Forge } from '../../../../plugins/phases/curriculum/training.js';
import { as, ignorant, oracle, withSums, type Student } from './students.js';
import type { Options } from './support.js';

const LEVELS = { items: 4, heldOut: 4, epochs: 2, rehearsal: 0, streak: 2 };

/** Ten levels as a student goes through them; what is trained changes nothing of what it says. */
const through = (student: Student, levels: NonNullable<Options['levels']>) =>
  withSums(
    async (prepared) => {
      const run = as(student, prepared);
      const forge = await Forge.open(run);
      try {
        const lists = levelLists(run, 1);
        const start = {
          ended: null,
          retention: async () => measuredLists(run, run.start, lists, { moment: 'before' }),
        };
        return await learnLevels(run, forge, lists, start, () => 0);
      } finally {
        await forge.dispose();
      }
    },
    { levels: { ...LEVELS, ...levels }, tools: { generator: null } },
  );

test('an oracle passes all ten levels, each in an epoch', async () => {
  const { results, finished, retention, hints } = await through(oracle, {});
  expect(finished).toBe(true);
  expect(results.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 10 }, () => 'accuracy'));
  expect(results.map(({ epochs }) => epochs.length)).toEqual(Array.from({ length: 10 }, () => 1));
  expect(hints).toBe(0);
  for (const row of retention.accuracy) for (const value of row) expect([null, 1]).toContain(value);
});

test('earlier lists are asked again every so many levels, the own list of a level always', async () => {
  const { retention } = await through(oracle, { remeasureEvery: 4 });
  const { lists, moments, accuracy } = retention;
  const asked = (list: string): string[] =>
    moments.filter((_, column) => accuracy[lists.indexOf(list)]![column] !== null);
  expect(asked('level 1')).toEqual(['before', 'level 1', 'level 4', 'level 8', 'level 10']);
  expect(asked('level 6')).toEqual(['before', 'level 6', 'level 8', 'level 10']);
});

test('of a wrong answer its reference is learnt, and those of further variants; of a right one itself alone', () =>
  withSums(
    async (run) => {
      const items = run.book.questions({ difficulty: 20, side: 'train', count: 5 }, 'variants');
      const answered = (right: boolean): Answered[] =>
        items.map((item) => ({
          ...{
            asked: { item, manuals: [], hint: null },
            ids: [1],
            text: '',
            calls: [],
            called: false,
            right,
          },
        }));
      const learnt = (right: boolean): number => documentsOfEpoch(run, [], answered(right), 'epoch').length;
      expect([learnt(true), learnt(false)]).toEqual([5, 5 * (1 + 3)]);
    },
    { levels: { ...LEVELS, variants: 3 } },
  ));

/** Knows each attempt, and no held-out sum: those have other words. */
const byHeart: Student = (question) => (question.heldOut ? ignorant(question) : oracle(question));

test('who is right in all attempts masters a level, whatever is held out', async () => {
  const { results } = await through(byHeart, { wall: 0, epochs: 3 });
  expect(results.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 10 }, () => 'mastered'));
  for (const { mastered, epochs } of results) expect([mastered, epochs.length]).toEqual([4, 2]);
});

test('an ignorant student meets a hard wall, with hints and nothing mastered', async () => {
  const { results, finished } = await through(ignorant, {});
  expect(finished).toBe(true);
  expect(results).toHaveLength(1);
  expect(results[0]).toMatchObject({ outcome: 'hard-wall', mastered: 0, attempts: 8 });
  // the second time every task comes with a hint
  expect(results[0]!.hints).toBe(4);
  expect(results[0]!.epochs.map(({ train }) => train)).toEqual([0, null]);
});
