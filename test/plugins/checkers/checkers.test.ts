import fc from 'fast-check';
import { CHECKER, type TaskTool } from '../../../core/contracts/task.js';
import * as checkers from '../../../plugins/checkers/index.js';
import { implementationOf } from '../../../testing/index.js';

const tool = (result: string): TaskTool => ({ name: 'calculator', args: '', result });

async function judge(name: keyof typeof checkers, written: string, answer: string): Promise<boolean> {
  const checker = await implementationOf(CHECKER, checkers[name]());
  return checker.check(written, { answer, question: '', tool: tool(answer) });
}

test.each<[keyof typeof checkers, string, string]>([
  ['exact', 'c b a', 'c b a'],
  ['exact', ' #### C  B A.\nmore', 'c b a'],
  ['exact', '\n\nyes\nno', 'yes'],
  ['number', '2+4=6', '6'],
  ['number', '#### 1,200 apples', '1200'],
  ['number', '#### $7.50', '7.5'],
  ['number', '-3', '-3'],
  ['number', '6.0', '6'],
  ['choice', '(B) a river', 'B'],
  ['choice', 'b.', 'B. a river'],
  ['choice', '#### Yes.', 'yes'],
  ['toolResult', '#### 0.50', '0.5'],
  ['toolResult', 'Stone Bridge', 'stone bridge'],
])('%s accepts "%s" for "%s"', async (name, written, answer) => {
  expect(await judge(name, written, answer)).toBe(true);
});

test.each<[keyof typeof checkers, string, string]>([
  ['exact', 'c b', 'c b a'],
  ['exact', 'cba', 'c b a'],
  ['exact', 'the answer is c b a', 'c b a'],
  ['number', '#### 6 7', '6'],
  ['number', '#### six', '6'],
  ['number', '1234568', '1234567'],
  ['number', '3', '-3'],
  ['number', 'x6', '6'],
  ['choice', 'yes or no', 'yes'],
  ['choice', 'A', 'B'],
  ['choice', 'a river', 'a bank'],
  ['toolResult', '4 apples', '5 apples'],
  ['toolResult', '15', '1 5'],
])('%s refuses "%s" for "%s"', async (name, written, answer) => {
  expect(await judge(name, written, answer)).toBe(false);
});

test('nothing is the result of a task without a tool', async () => {
  const checker = await implementationOf(CHECKER, checkers.toolResult());
  expect(checker.check('5', { answer: '5', question: '', tool: null })).toBe(false);
});

test('any whole number is itself and no other', async () => {
  const checker = await implementationOf(CHECKER, checkers.number());
  const whole = fc.integer({ min: -1e8, max: 1e8 });
  fc.assert(
    fc.property(whole, whole, (a, b) => {
      const item = { answer: String(a), question: '', tool: null };
      expect(checker.check(`#### ${b}`, item)).toBe(a === b);
      expect(checker.check(a.toLocaleString('en-US'), item)).toBe(true);
    }),
  );
});
