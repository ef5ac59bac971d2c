import {
  CHECKER,
  type Checker,
  type TaskGenerator,
  type TaskItem,
  type TaskSpec,
} from '../../core/contracts/task.js';
import type { TaskSide } from '../../core/contracts/tool.js';
import { requireChecked } from '../../nn/curriculum/index.js';
import { stream } from '../../nn/random/index.js';
import { choice, exact, number, toolResult } from '../../plugins/checkers/index.js';
import { casesOf, type ConformanceCase, type Subject } from '../case.js';
import { expectEqual, expectFailure, expectThat } from '../expect.js';
import { implementationOf } from '../implementation.js';

export interface TaskGeneratorConformanceOptions {
  /** Checkers besides the built-in ones, by name. */
  readonly checkers?: Readonly<Record<string, Checker>>;
  /** Difficulties to try. Default 1, 20.5, 50 and 100. */
  readonly difficulties?: readonly number[];
  /** Questions per concept, difficulty and side. Default 12. */
  readonly items?: number;
  /** Most characters of a question with thought and answer: small models read short rows. Default 220. */
  readonly mostCharacters?: number;
  readonly seed?: number;
}

const SIDES: readonly TaskSide[] = ['train', 'held-out'];
const FIELDS = [
  'id',
  'generator',
  'concept',
  'difficulty',
  'side',
  'question',
  'answer',
  'thought',
  'checker',
  'tool',
  'source',
];

type Settings = Required<TaskGeneratorConformanceOptions>;
type ItemCheck = (item: TaskItem, generator: TaskGenerator) => void | Promise<void>;

/** What every generator of tasks must do: the same from the same numbers, answers that are right, sides that share nothing. */
export function taskGeneratorConformance(
  subject: Subject<TaskGenerator>,
  options: TaskGeneratorConformanceOptions = {},
): ConformanceCase[] {
  const settings: Settings = {
    ...{ checkers: {}, difficulties: [1, 20.5, 50, 100], items: 12, mostCharacters: 220, seed: 7 },
    ...options,
  };
  const each = (check: ItemCheck) => async (generator: TaskGenerator) => {
    for (const item of itemsOf(generator, settings)) await check(item, generator);
  };
  return casesOf(subject, {
    'names its concepts, each once': ({ concepts }) => {
      expectThat(concepts.length > 0, 'there is no concept');
      expectEqual([...new Set(concepts)].sort(), [...concepts].sort(), 'concepts');
    },
    'refuses a concept that it does not have': async (generator) => {
      const spec: TaskSpec = { difficulty: 1, side: 'train', concept: 'no such concept' };
      await expectFailure(
        () => generator.generate(spec, stream(1, 'unknown')),
        'an unknown concept',
        'AF_TASK_CONCEPT',
      );
    },
    'gives an item of any concept where none is asked for': (generator) => {
      const { concept } = generator.generate({ difficulty: 50, side: 'train' }, stream(settings.seed, 'any'));
      expectThat(generator.concepts.includes(concept), `"${concept}" is none of its concepts`);
    },
    'gives items of one line each that JSON can hold': each(wellFormed),
    'gives the same item for the same random numbers': async (generator) => {
      expectEqual(
        itemsOf(await subject(), settings),
        itemsOf(generator, settings),
        'items of another instance',
      );
    },
    'gives answers that its checker accepts, and no others': (generator) => judged(generator, settings),
    'gives variants of the same kind with answers of their own': (generator) => variants(generator, settings),
    'shares no question between training and measuring': (generator) => {
      const ids = SIDES.map((side) => new Set(itemsOf(generator, settings, side).map(({ id }) => id)));
      for (const id of ids[0]!) expectThat(!ids[1]!.has(id), `question ${id} is on both sides`);
    },
    'gives the same id for the same question': each(sameIdOnce()),
    'hints in one line, three times at most': each(hints),
    'asks short questions': each(({ question, thought, answer }) => {
      const length = `${question}${thought ?? ''}${answer}`.length;
      expectThat(
        length <= settings.mostCharacters,
        `"${question}" takes ${length} characters with its answer`,
      );
    }),
  });
}

function itemsOf(
  generator: TaskGenerator,
  { difficulties, items, seed }: Settings,
  only?: TaskSide,
): readonly TaskItem[] {
  return generator.concepts.flatMap((concept) =>
    difficulties.flatMap((difficulty) =>
      SIDES.filter((side) => only === undefined || side === only).flatMap((side) =>
        Array.from({ length: items }, (_, place) =>
          generator.generate({ concept, difficulty, side }, stream(seed, concept, difficulty, side, place)),
        ),
      ),
    ),
  );
}

function wellFormed(item: TaskItem, generator: TaskGenerator): void {
  expectEqual(Object.keys(item).sort(), [...FIELDS].sort(), 'fields of an item');
  expectEqual(JSON.parse(JSON.stringify(item)), item, 'an item out of its JSON');
  expectThat(generator.concepts.includes(item.concept), `"${item.concept}" is none of the concepts`);
  for (const text of [item.question, item.answer, item.id, item.generator])
    expectThat(text !== '' && !/[\r\n]/.test(text), `"${text}" should be one line`);
  expectThat(item.question === item.question.trim(), `"${item.question}" has white space around it`);
  expectThat(
    item.thought === null || /^<[a-z]+>[^<\n]/.test(item.thought),
    `"${item.thought}" is no thought of tags`,
  );
}

async function judged(generator: TaskGenerator, settings: Settings): Promise<void> {
  const checkers = { ...(await builtinCheckers()), ...settings.checkers };
  const items = itemsOf(generator, settings);
  items.forEach((item, place) => {
    const checker = checkers[item.checker];
    expectThat(checker !== undefined, `there is no checker "${item.checker}"; give it as an option`);
    requireChecked(item, checker);
    expectThat(checker.check(`#### ${item.answer}`, item), `"#### ${item.answer}" is refused`);
    expectThat(!checker.check('', item), `nothing is accepted for "${item.question}"`);
    const other = items[(place + 1) % items.length]!;
    if (other.answer.toLowerCase() !== item.answer.toLowerCase())
      expectThat(!checker.check(other.answer, item), `"${other.answer}" is accepted for "${item.question}"`);
  });
}

async function builtinCheckers(): Promise<Record<string, Checker>> {
  const plugins = [choice(), exact(), number(), toolResult()];
  const made = plugins.map(async (plugin) => [plugin.name, await implementationOf(CHECKER, plugin)] as const);
  return Object.fromEntries(await Promise.all(made));
}

/** The easiest questions are few; above, a variant is always another one. */
function variants(generator: TaskGenerator, settings: Settings): void {
  let [different, all] = [0, 0];
  for (const item of itemsOf(generator, settings)) {
    const variant = generator.variant(item, stream(settings.seed, 'variant', item.id));
    const again = generator.variant(item, stream(settings.seed, 'variant', item.id));
    expectEqual(again, variant, 'a variant made again');
    for (const field of ['generator', 'concept', 'difficulty', 'side'] as const)
      expectEqual(variant[field], item[field], `${field} of a variant`);
    all++;
    different += Number(variant.id !== item.id && variant.question !== item.question);
  }
  expectThat(different >= 0.9 * all, `${all - different} of ${all} variants are the same question`);
}

function sameIdOnce(): ItemCheck {
  const seen = new Map<string, string>();
  return ({ id, question }) => {
    const before = seen.get(question);
    expectThat(before === undefined || before === id, `"${question}" has two ids`);
    expectThat(
      [...seen].every(([other, known]) => known !== id || other === question),
      `${id} stands for two questions`,
    );
    seen.set(question, id);
  };
}

function hints(item: TaskItem, generator: TaskGenerator): void {
  for (const level of [1, 2, 3]) {
    const hint = generator.hint(item, level);
    expectThat(level === 3 || hint !== null, `there is no hint ${level}`);
    if (hint === null) continue;
    expectThat(hint.trim() !== '' && !/[\r\n]/.test(hint), `hint ${level} should be one line: "${hint}"`);
    expectThat(hint !== item.answer, `hint ${level} is the answer`);
  }
  expectEqual(generator.hint(item, 4), null, 'a fourth hint');
}
