import type { Checker, TaskGenerator, TaskItem } from '../../core/contracts/task.js';
import { Draw, stream } from '../../nn/random/index.js';
import { arithmeticTasks } from '../../plugins/generators/index.js';
import {
  checkerConformance,
  curveStudent,
  learningStudent,
  oracleStudent,
  randomStudent,
  taskGeneratorConformance,
} from '../../testing/index.js';
import { generatorOf, itemsOf } from '../plugins/generators/support.js';
import { fails } from '../support/conformance.js';

type Change = (item: TaskItem) => TaskItem;

/** A generator that is right but for what `change` does to its items and `more` to itself. */
async function broken(change: Change, more: Partial<TaskGenerator> = {}): Promise<TaskGenerator> {
  const whole = await generatorOf(arithmeticTasks());
  return {
    concepts: whole.concepts,
    generate: (spec, random) => change(whole.generate(spec, random)),
    variant: (item, random) => change(whole.variant(item, random)),
    hint: (item, level) => whole.hint(item, level),
    ...more,
  };
}

const same: Change = (item) => item;
const calls = { count: 0 };

describe('a wrong generator fails, in the case that is about it', () => {
  const lines = 'gives items of one line each that JSON can hold';
  const answers = 'gives answers that its checker accepts, and no others';
  const variants = 'gives variants of the same kind with answers of their own';
  const hints = 'hints in one line, three times at most';
  test.each<[string, string, Change, Partial<TaskGenerator>?]>([
    ['no concept', 'names its concepts, each once', same, { concepts: [] }],
    ['a concept twice', 'names its concepts, each once', same, { concepts: ['sum', 'sum'] }],
    ['two lines', lines, (item) => ({ ...item, question: `${item.question}\nNow!` })],
    ['white space', lines, (item) => ({ ...item, question: `${item.question} ` })],
    ['a field more', lines, (item) => ({ ...item, more: 1 }) as TaskItem],
    ['NaN', lines, (item) => ({ ...item, difficulty: NaN })],
    ['a thought without a tag', lines, (item) => ({ ...item, thought: '1+1=2' })],
    ['a foreign concept', lines, (item) => ({ ...item, concept: 'other' })],
    ['a wrong answer', answers, (item) => ({ ...item, answer: 'none' })],
    ['an unknown checker', answers, (item) => ({ ...item, checker: 'none' })],
    [
      'another answer each time',
      'gives the same item for the same random numbers',
      (item) => ({ ...item, id: `${calls.count++}` }),
    ],
    ['the same variant', variants, same, { variant: same }],
    [
      'another concept',
      variants,
      same,
      { variant: (item) => ({ ...item, id: 'x', question: 'y', concept: 'sum' }) },
    ],
    [
      'ids that are on both sides',
      'shares no question between training and measuring',
      (item) => ({ ...item, id: 'one' }),
    ],
    ['one id for all', 'gives the same id for the same question', (item) => ({ ...item, id: 'one' })],
    ['no hint', hints, same, { hint: () => null }],
    ['a fourth hint', hints, same, { hint: () => 'Look!' }],
    ['the answer as a hint', hints, same, { hint: ({ answer }, level) => (level > 3 ? null : answer) }],
    ['a long question', 'asks short questions', (item) => ({ ...item, question: 'why '.repeat(60) })],
  ])('%s', async (...[, name, change, more]) => {
    expect(
      await fails(
        taskGeneratorConformance(() => broken(change, more)),
        name,
      ),
    ).toBe(true);
  });

  test('an unknown concept that is taken', async () => {
    const whole = await generatorOf(arithmeticTasks());
    const generate: TaskGenerator['generate'] = (spec, random) =>
      whole.generate({ ...spec, concept: 'sum' }, random);
    const name = 'refuses a concept that it does not have';
    expect(
      await fails(
        taskGeneratorConformance(() => broken(same, { generate })),
        name,
      ),
    ).toBe(true);
  });

  test('a checker that takes anything', async () => {
    const checkers = { number: { check: () => true } };
    expect(
      await fails(
        taskGeneratorConformance(() => broken(same), { checkers }),
        answers,
      ),
    ).toBe(true);
  });
});

describe('a wrong checker fails, in the case that is about it', () => {
  const exact: Checker['check'] = (written, { answer }) =>
    /^\s*(?:#### )?([^\n]*)/.exec(written)![1] === answer;
  test.each<[string, string, Checker['check']]>([
    ['one that refuses all', 'accepts the answer', () => false],
    ['one that knows no mark', 'accepts it as models write it', (written, { answer }) => written === answer],
    ['one that takes all', 'refuses other answers', () => true],
    [
      'one that takes nothing for something',
      'refuses nothing at all',
      (written, item) => written === '' || exact(written, item),
    ],
    [
      'one that finds the answer anywhere',
      'refuses other answers',
      (written, { answer }) => written.includes(answer),
    ],
    ['one that gives no verdict', 'judges any text', (written) => written.length as unknown as boolean],
    ['one that remembers', 'follows from its input alone', () => calls.count++ % 2 === 0],
  ])('%s', async (_, name, check) => {
    expect(
      await fails(
        checkerConformance(() => ({ check })),
        name,
      ),
    ).toBe(true);
  });
});

describe('students', () => {
  const items = async () => itemsOf(await generatorOf(arithmeticTasks()), 'sum', 50, 'train', 400);
  const share = (answers: readonly boolean[]) => answers.filter(Boolean).length / answers.length;

  test('an oracle is always right, a guesser seldom', async () => {
    const all = await items();
    const right = (answer: (item: TaskItem) => string) =>
      share(all.map((item) => answer(item) === item.answer));
    expect(right((item) => oracleStudent().answer(item))).toBe(1);
    const guesser = randomStudent();
    expect(right((item) => guesser.answer(item))).toBeLessThan(0.1);
  });

  test('a curve is right as often as it says, hints included', async () => {
    const student = curveStudent((difficulty, hint) => difficulty / 100 + hint / 10);
    const all = await items();
    expect(share(all.map((item) => student.answer(item) === item.answer))).toBeCloseTo(0.5, 1);
    expect(share(all.map((item) => student.answer(item, 3) === item.answer))).toBeCloseTo(0.8, 1);
  });

  test('practice takes mistakes away, in its concept alone', async () => {
    const student = learningStudent({ start: 0.2, rate: 0.05 });
    const all = await items();
    const others = itemsOf(await generatorOf(arithmeticTasks()), 'modular', 50, 'train', 400);
    const right = (asked: readonly TaskItem[]) =>
      share(asked.map((item) => student.answer(item) === item.answer));
    expect(Math.abs(right(all) - 0.2)).toBeLessThan(0.06);
    for (const item of all.slice(0, 20)) student.learn(item);
    // 1 - .8 x .95^20
    expect(Math.abs(right(all) - 0.713)).toBeLessThan(0.06);
    expect(Math.abs(right(others) - 0.2)).toBeLessThan(0.06);
  });

  test.each([
    randomStudent,
    (seed: number) => curveStudent(() => 0.5, seed),
    (seed: number) => learningStudent({ seed }),
  ])('answers follow from the seed, not from the order of the questions', async (make) => {
    const all = (await items()).slice(0, 60);
    const answers = (seed: number, asked: readonly TaskItem[]) => {
      const student = make(seed);
      const told = new Map(asked.map((item) => [item.id, student.answer(item)]));
      return [...new Set(all.map(({ id }) => id))].map((id) => told.get(id));
    };
    const unique = [...new Map(all.map((item) => [item.id, item])).values()];
    const mixed = new Draw(stream(1, 'order')).several(unique, unique.length);
    expect(answers(1, mixed)).toEqual(answers(1, unique));
    expect(answers(2, unique)).not.toEqual(answers(1, unique));
  });
});
