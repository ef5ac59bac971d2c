import { Draw } from '../../../../nn/random/index.js';
import { ask, saysUnknown } from '../../../../plugins/phases/shared/tasks/asking.js';
import { assessed } from '../../../../plugins/phases/curriculum/assess.js';
import { randomOf } from '../../../../plugins/phases/curriculum/lessons.js';
import type { CurriculumRun } from '../../../../plugins/phases/curriculum/prepare.js';
import { as, ignorant, oracle, withSums, type Student } from './students.js';

const SIDE = 'held-out';

/** Sums without a manual, and questions for the calculator with it. */
async function answersOf(run: CurriculumRun) {
  const draw = new Draw(randomOf(run, 'students'));
  const sums = run.book.questions({ difficulty: 20, side: SIDE, count: 6 }, 'students');
  const calls = run.book.calls({ difficulty: 10, side: SIDE, count: 6 }, null, 'students');
  const plain = await ask(
    run,
    run.start,
    sums.map((item) => ({ item, manuals: [], hint: null })),
  );
  const called = await ask(
    run,
    run.start,
    calls.map((item) => run.book.withManual(item, draw)),
  );
  return { plain, called };
}

const share = <T>(all: readonly T[], holds: (one: T) => boolean): number =>
  all.filter(holds).length / all.length;

test('an oracle is right everywhere and calls rightly', () =>
  withSums(async (prepared) => {
    const run = as(oracle, prepared);
    const { plain, called } = await answersOf(run);
    expect(share(plain.answers, ({ right }) => right)).toBe(1);
    expect(share(plain.answers, ({ called: calls }) => calls)).toBe(0);
    expect(share(called.answers, ({ right, called: calls }) => right && calls)).toBe(1);
    expect(called.counts).toEqual({ total: 6, successful: 6, failed: 0, violations: 0 });
    const { facts, language } = run;
    const thought = facts.thinking_tokens['<think>'];
    // a thought is opened where no manual stands in front
    for (const { ids } of plain.answers) expect(ids![0]).toBe(thought);
    for (const { ids } of called.answers) expect(ids).toContain(language.tools!.tags['<|result|>']);
  }));

const WRONG: Readonly<Record<string, readonly [Student, { right: number; called: number; failed: number }]>> =
  {
    'says something else': [ignorant, { right: 0, called: 0, failed: 0 }],
    'knows the answer and does not call': [
      ({ value }) => ({ text: ` #### ${value}` }),
      { right: 0, called: 0, failed: 0 },
    ],
    'calls rightly and then says something else': [
      ({ sum, result }) => (result === null ? { call: sum } : { text: ' #### no' }),
      { right: 0, called: 1, failed: 0 },
    ],
    'asks the tool for something else, whatever follows': [
      ({ result, value }) => (result === null ? { call: '1+(' } : { text: ` #### ${value}` }),
      { right: 0, called: 0, failed: 6 },
    ],
    'writes nothing': [() => null, { right: 0, called: 0, failed: 0 }],
  };

test('where the tool is needed, an answer without the right call is wrong, and so is another answer after it', () =>
  withSums(async (run) => {
    for (const [name, [student, expected]] of Object.entries(WRONG)) {
      const { called } = await answersOf(as(student, run));
      const measured = {
        right: share(called.answers, ({ right }) => right),
        called: share(called.answers, (one) => one.called),
        failed: called.counts.failed,
      };
      expect([name, measured]).toEqual([name, expected]);
    }
  }));

test('an unknown is that word alone, without a call', () =>
  withSums(async (prepared) => {
    const run = as(
      ({ sum, value }) => (value % 2 === 0 ? { call: sum } : { text: ' #### unknown' }),
      prepared,
    );
    const { plain } = await answersOf(run);
    for (const answer of plain.answers) expect(saysUnknown(answer)).toBe(answer.calls.length === 0);
    expect(share(plain.answers, saysUnknown)).toBeGreaterThan(0);
    expect(share(plain.answers, saysUnknown)).toBeLessThan(1);
  }));

test('the assessment of an oracle is saturated, that of an ignorant student below its range', () =>
  withSums(async (run) => {
    const verdictOf = async (student: Student) =>
      (await assessed(as(student, run), run.start, () => 0)).verdict;
    expect(await verdictOf(oracle)).toBe('saturated');
    expect(await verdictOf(ignorant)).toBe('below_range');
  }));
