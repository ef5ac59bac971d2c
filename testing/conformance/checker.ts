import type { Checker, TaskItem } from '../../core/contracts/task.js';
import { casesOf, type ConformanceCase, type Subject } from '../case.js';
import { expectEqual, expectThat } from '../expect.js';
import { AWKWARD_TEXTS } from '../fixtures/events.js';

type Judged = Pick<TaskItem, 'answer' | 'question' | 'tool'>;

export interface CheckerConformanceOptions {
  /** A task that it can judge. Default: one whose answer, and whose tool's result, is 12. */
  readonly item?: Judged;
  /** What it must accept besides the answer itself. Default: the answer behind `####`, and with further lines. */
  readonly right?: readonly string[];
  /** What it must refuse besides nothing at all. Default: other numbers and words. */
  readonly wrong?: readonly string[];
}

const TWELVE: Judged = {
  question: 'What is 5+7?',
  answer: '12',
  tool: { name: 'calculator', args: '5+7', result: '12' },
};

/** What every checker must do: accept the answer, refuse others, and judge any text without failing. */
export function checkerConformance(
  subject: Subject<Checker>,
  options: CheckerConformanceOptions = {},
): ConformanceCase[] {
  const { item = TWELVE } = options;
  const { answer } = item;
  const right = options.right ?? [`#### ${answer}`, ` ${answer}\n`, `#### ${answer}\nand more`];
  const wrong = options.wrong ?? ['13', '1', '2', '-12', '112', '#### 13', 'twelve', `#### 13\n${answer}`];
  return casesOf(subject, {
    'accepts the answer': (checker) => expectThat(checker.check(answer, item), `"${answer}" is refused`),
    'accepts it as models write it': (checker) => {
      for (const text of right) expectThat(checker.check(text, item), `"${text}" is refused`);
    },
    'refuses nothing at all': (checker) => {
      for (const text of ['', ' ', '\n', '####'])
        expectThat(!checker.check(text, item), `"${text}" is accepted`);
    },
    'refuses other answers': (checker) => {
      for (const text of wrong) expectThat(!checker.check(text, item), `"${text}" is accepted`);
    },
    'judges any text': (checker) => {
      for (const text of AWKWARD_TEXTS)
        expectEqual(typeof checker.check(text, item), 'boolean', `the verdict on ${JSON.stringify(text)}`);
    },
    'follows from its input alone': async (checker) => {
      const other = await subject();
      for (const text of [answer, ...right, ...wrong, ...AWKWARD_TEXTS])
        expectEqual(
          other.check(text, { ...item }),
          checker.check(text, Object.freeze({ ...item })),
          `"${text}"`,
        );
    },
  });
}
