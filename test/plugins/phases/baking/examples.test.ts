import {
  BAKING,
  type BakingExample,
  type BakingMethod,
  type BakingRow,
} from '../../../../core/contracts/baking.js';
import { personaTag } from '../../../../core/contracts/persona.js';
import { callIds, resultIds, tagId } from '../../../../nn/tools/index.js';
import {
  endedExample,
  exampleOf,
  rehearsed,
  taughtExamples,
  type Posed,
} from '../../../../plugins/phases/baking/examples.js';
import { keptExamples } from '../../../../plugins/phases/baking/kept.js';
import { BakedModel } from '../../../../plugins/phases/baking/model.js';
import { lessonExamples } from '../../../../plugins/phases/baking/personas/lessons.js';
import {
  personaQuestions,
  posedPersona,
  questionFor,
} from '../../../../plugins/phases/baking/personas/questions.js';
import type { BakingRun } from '../../../../plugins/phases/baking/prepare.js';
import { posedTool, toolQuestions } from '../../../../plugins/phases/baking/tools/questions.js';
import { lineIds, promptIds, type Asked } from '../../../../plugins/phases/shared/tasks/prompts.js';
import { able, as, behind, unable, type Question, type Student } from './students.js';
import { openForged, preparedRun, type Forged } from './support.js';

let forged: Forged;
let run: BakingRun;
beforeAll(async () => {
  forged = await openForged();
  run = await preparedRun(forged, { examination: { taskTokens: 64, rows: 4 } });
});
afterAll(() => forged.close());

const SHAPE = { length: 220, promptLength: 80 };
const method = (name: string): BakingMethod => run.ctx.resolve(BAKING, name);
const rowsOf = (name: string, examples: readonly BakingExample[]): readonly BakingRow[] => {
  const { rows, skipped } = method(name).rows(examples, run.language.tokenizer, SHAPE);
  expect(skipped).toEqual([]);
  return rows;
};
/** Place at which some ids stand in others; -1: nowhere. */
const placeOf = (ids: ArrayLike<number>, part: readonly number[]): number =>
  Array.from(ids).findIndex((_, at) => part.every((id, i) => ids[at + i] === id));

const calls = (tool: string, count = 3): Posed[] =>
  posedTool(run, toolQuestions(run, tool, { side: 'train', count }, 'unit'), 'unit', tool);
/** What is written to a question that needs a tool: the call, its result, the answer. */
const answerOf = ({ model: { item } }: Posed): number[] => {
  const { tokenizer, tools } = run.language;
  const { name, args, result } = item.tool!;
  return [
    ...callIds(tools!, name, tokenizer.encode(args)),
    ...resultIds(tools!, tokenizer, result),
    ...tokenizer.encode(` #### ${item.answer}`),
  ];
};

/** Whether a prompt reaches what the model reads: in its ids, or in the rows that it is trained on. */
function reachesModel({ teacher, model }: Posed, ids: readonly number[]): boolean {
  const own = exampleOf(run, { teacher, model }, ids, 'unit');
  const [line] = teacher.manuals.map((manual) => lineIds(run.language.tokenizer, manual));
  expect(placeOf(own.read!.teacher, line!)).toBe(1);
  const [row] = rowsOf('prompts', [own]);
  const told = row!.extras!['teacher_ids']!;
  expect([...told].slice(0, own.read!.teacher.length)).toEqual(own.read!.teacher);
  return [own.read!.model, row!.ids].some((read) => placeOf(read, line!) >= 0);
}

describe('teacher and model read different things', () => {
  test('the manual of a tool stands before the question for the teacher alone', () => {
    const name = tagId(run.language.tools!, '<|tool|>');
    for (const tool of run.toolNames)
      for (const one of calls(tool)) {
        expect(reachesModel(one, answerOf(one))).toBe(false);
        const { read, prompt } = exampleOf(run, one, answerOf(one), tool);
        expect(prompt).toBe(`${one.teacher.manuals[0]}\n`);
        const [bos, ...question] = read!.model;
        expect(question).toEqual(promptIds(run.language, one.model).slice(1));
        expect(read!.teacher).toEqual([
          bos,
          ...lineIds(run.language.tokenizer, one.teacher.manuals[0]!),
          ...question,
        ]);
        // Nor is a tool named anywhere before the call.
        for (const id of [name, ...Object.values(run.language.tools!.names)])
          expect(read!.model).not.toContain(id);
      }
  });

  test('a model that read the manual too would be found out', () => {
    const [one] = calls('calculator');
    expect(reachesModel({ ...one!, model: one!.teacher }, answerOf(one!))).toBe(true);
  });

  test('the text of a persona is replaced by its token, or by nothing where its weights are its own', async () => {
    const adapted = await preparedRun(forged, { personas: { switching: 'adapters' } });
    const tools = ['calculator'];
    for (const [own, front] of [
      [run, [personaTag('helpful')]],
      [adapted, []],
    ] as const) {
      const asked = personaQuestions(own, { side: 'train', count: 4, tools }, 'unit');
      for (const one of posedPersona(own, 'helpful', asked, 'unit')) {
        expect(own.personas.get('helpful')!.texts.wordings).toContain(one.teacher.manuals[0]);
        expect(one.model.manuals).toEqual(front);
        if (own === run) expect(reachesModel(one, [65])).toBe(false);
      }
    }
    expect(lineIds(run.language.tokenizer, personaTag('helpful'))[0]).toBe(run.personaTags['helpful']);
  });

  test('what is rehearsed is read without any prompt by both', () => {
    const [one] = calls('search');
    const own = exampleOf(run, one!, answerOf(one!), 'search');
    const again = rehearsed(own);
    expect(again).toMatchObject({ prompt: null, written: own.written, given: own.given });
    expect(again.read).toEqual({ model: own.read!.model, teacher: own.read!.model });
  });
});

describe('what is learnt of an answer', () => {
  test('is every token that the teacher wrote, from the first on, and nothing that a tool wrote', () => {
    const { tokenizer, tools } = run.language;
    for (const one of run.toolNames.flatMap((tool) => calls(tool))) {
      const own = exampleOf(run, one, answerOf(one), 'unit');
      const { written, given, read } = own as Required<BakingExample>;
      const { tool } = one.model.item;
      const result = resultIds(tools!, tokenizer, tool!.result);
      expect(written.at(-1)).toBe(tokenizer.special.eos);
      expect(given.map((place) => written[place])).toEqual(result);
      const wanted = written.map((id, place) => (given.includes(place) ? -100 : id));
      const [row] = rowsOf('prompts', [own]);
      const first = read.model.length - 1;
      // The position before the first written id has it for a target: the decision to call.
      expect(row!.targets[first]).toBe(tagId(tools!, '<|tool|>'));
      expect([...row!.targets].slice(first, first + written.length)).toEqual(wanted);
      expect([...row!.targets].filter((id) => id >= 0)).toEqual(wanted.filter((id) => id >= 0));
      const { teacher_ids: told, teacher_index: index } = row!.extras!;
      expect(index![first]).toBe(read.teacher.length - 1);
      row!.targets.forEach((id, at) => {
        if (id < 0) expect(index![at]).toBe(-1);
        else expect(told![index![at]! + 1]).toBe(id);
      });
      const [trace] = rowsOf('traces', [own]);
      const shown = [...trace!.targets].filter((id) => id >= 0);
      expect(shown).toEqual(wanted.filter((id) => id >= 0));
    }
  });

  test('has its end in it where the teacher ended it: what tools said is not counted', () => {
    const { tokenizer, tools } = run.language;
    const { eos } = tokenizer.special;
    const [one] = calls('calculator');
    const result = resultIds(tools!, tokenizer, 'x'.repeat(70));
    const text = (length: number): number[] => new Array<number>(length).fill(65);
    const last = (ids: readonly number[]) => exampleOf(run, one!, ids, 'unit').written!.at(-1);
    expect(last(text(63))).toBe(eos);
    expect(last(text(64))).toBe(65);
    expect(last([...text(30), ...result, ...text(33)])).toBe(eos);
    expect(last([...text(30), ...result, ...text(34)])).toBe(65);
    expect(endedExample(run, one!, text(64), 'unit').written!.at(-1)).toBe(eos);
  });
});

describe('trajectories of a teacher', () => {
  const taught = (student: Student, keeps: (right: boolean) => boolean, copies = 2) => {
    const own = as(student, run);
    const asked = toolQuestions(own, 'calculator', { side: 'train', count: 5 }, 'unit');
    const told: number[] = [];
    return taughtExamples(own, own.start, posedTool(own, asked, 'unit'), {
      ...{ strategy: 'calculator', copies, words: ['unit'] },
      keeps: ({ right }) => keeps(right),
      told: (done) => void told.push(done),
    }).then((examples) => ({ examples, told, asked }));
  };

  test('are what it writes with the prompt in front: calls, results and answers, each once', async () => {
    const { examples, told, asked } = await taught(behind(able, unable), Boolean);
    expect(examples).toHaveLength(5);
    expect(Math.max(...told)).toBe(10);
    examples.forEach((example, i) => {
      const one = { teacher: { ...asked[i]!, manuals: ['m'] }, model: asked[i]! };
      expect([...example.written!].slice(0, -1)).toEqual(answerOf(one));
      expect(example).toMatchObject({ input: asked[i]!.item.question, strategy: 'calculator' });
    });
  });

  test('that are wrong are left out where right ones are wanted, and so is what was not written', async () => {
    expect((await taught(behind(unable, able), Boolean)).examples).toEqual([]);
    expect((await taught(behind(unable, able), () => true)).examples).toHaveLength(5);
    expect(
      (
        await taught(
          () => null,
          () => true,
        )
      ).examples,
    ).toEqual([]);
  });

  test('take turns with temperatures, and are drawn with numbers of their own', async () => {
    const { trajectories } = run.options;
    const drawing: BakingRun = {
      ...run,
      options: { ...run.options, trajectories: { ...trajectories, temperatures: [0, 1, 1.5] } },
    };
    const drawn: Question['drawn'][] = [];
    const own = as((question) => {
      drawn.push(question.drawn);
      return { text: ` ${drawn.length}` };
    }, drawing);
    const asked = toolQuestions(own, 'search', { side: 'train', count: 2 }, 'unit');
    const examples = await taughtExamples(own, own.start, posedTool(own, asked, 'unit'), {
      ...{ strategy: 'search', copies: 4, words: ['unit'], keeps: () => true },
    });
    expect(examples).toHaveLength(8);
    expect(drawn.map((one) => one?.temperature ?? 0)).toEqual([0, 0, 1, 1, 1.5, 1.5, 0, 0]);
    const numbers = drawn.flatMap((one) => one?.number ?? []);
    expect(new Set(numbers).size).toBe(4);
  });
});

test('what is to stay is what the model says without a prompt, thoughts and texts of earlier phases, as many of each', async () => {
  const own = as(able, run);
  const baked = new BakedModel(own);
  // 0.4 of all are to stay: 12 of 30, 4 of each.
  const kept = await keptExamples(own, baked, { weights: own.start.weights }, 18, 'unit');
  const plain = kept.filter(({ strategy }) => strategy === 'plain');
  expect(plain).toHaveLength(4);
  for (const { read, prompt, written, input } of plain) {
    expect(read!.teacher).toEqual(read!.model);
    expect(prompt).toBeNull();
    expect(run.language.tokenizer.decode(written!)).toMatch(/^ #### \S/);
    expect(input).toMatch(/\w/);
  }
  const thoughts = kept.filter(({ kept: isText = false, strategy }) => !isText && strategy !== 'plain');
  const texts = kept.filter(({ kept: isText = false }) => isText);
  expect([thoughts.length, texts.length]).toEqual([4, 4]);
  expect([...thoughts, ...texts].every(({ prompt }) => prompt === null)).toBe(true);
  const none = { ...own, options: { ...own.options, bake: { ...own.options.bake, keep: 0 } } };
  expect(await keptExamples(none, baked, { weights: own.start.weights }, 18, 'unit')).toEqual([]);
});

describe('lessons about personas', () => {
  const COUNT = 240;
  const TOOLS = ['calculator', 'search'];
  const lessons = (side: 'train' | 'held-out', count = COUNT) => {
    const examples = lessonExamples(run, TOOLS, side, count);
    const asked = personaQuestions(run, { side, count, tools: TOOLS }, 'lessons');
    return examples.map((example, i) => ({ example, asked: asked[i]!, ...readIn(example) }));
  };

  /** Line in front, and earlier turns, of what is read. */
  function readIn({ read }: BakingExample) {
    const text = run.language.tokenizer.decode(read!.model.slice(1), { specials: true });
    const [front, ...parts] = text.split('Question: ');
    const turns = parts
      .slice(0, -1)
      .map((part) => part.replace(/\n$/, '').split('\nAnswer:') as [string, string]);
    return { front: front!.trim(), turns, last: parts.at(-1)!.replace(/\nAnswer:$/, '') };
  }

  test('are demonstrations behind the text of a persona, in turn, and some as before without one', () => {
    const all = lessons('train');
    const counts = new Map<string | null, number>();
    for (const { example, front, asked, last } of all) {
      const { strategy, read, prompt } = example;
      counts.set(strategy, (counts.get(strategy) ?? 0) + 1);
      expect(read!.teacher).toEqual(read!.model);
      expect(last).toBe(asked.item.question);
      if (strategy === 'none') expect([front, prompt]).toEqual(['', null]);
      else expect(run.personas.get(strategy!)!.texts.wordings).toContain(front);
    }
    expect([...counts.keys()].sort()).toEqual(['helpful', 'none', 'precise']);
    // Three standard errors of 240 draws of 0.3 are 21.
    expect(Math.abs(counts.get('none')! - 72)).toBeLessThanOrEqual(21);
    expect(Math.abs(counts.get('helpful')! - counts.get('precise')!)).toBeLessThan(42);
  });

  test('end in what the persona says, after the call where a tool is needed, whose result is not learnt', () => {
    const { tokenizer, tools } = run.language;
    let called = 0;
    for (const { example, asked } of lessons('train')) {
      const { written, given, strategy } = example as Required<BakingExample>;
      const { item } = asked;
      expect(written.at(-1)).toBe(tokenizer.special.eos);
      const start =
        item.tool === null ? [] : callIds(tools!, item.tool.name, tokenizer.encode(item.tool.args));
      expect(written.slice(0, start.length)).toEqual(start);
      if (item.tool !== null) called++;
      const result = item.tool === null ? [] : resultIds(tools!, tokenizer, item.tool.result);
      expect(given.map((place) => written[place])).toEqual(result);
      const thought = item.tool === null && item.thought !== null ? run.thinkingTags['</think>']! : -1;
      const from = Math.max(written.lastIndexOf(thought), written.lastIndexOf(result.at(-1) ?? -1)) + 1;
      const said = tokenizer.decode(written.slice(from, -1));
      if (strategy === 'none') expect(said).toBe(` #### ${item.answer}`);
      else expect([said, run.personas.get(strategy!)!.shows(said, questionFor(item))]).toEqual([said, true]);
    }
    // Four of five questions need a tool.
    expect(called).toBe(0.8 * COUNT);
  });

  test('some go on a conversation, whose answers are of the same persona', () => {
    const all = lessons('train');
    const items = new Map(all.map(({ asked: { item } }) => [item.question, item]));
    const long = all.filter(({ turns }) => turns.length > 0);
    expect(Math.abs(long.length - 72)).toBeLessThanOrEqual(21);
    expect(new Set(long.map(({ turns }) => turns.length))).toEqual(new Set([1, 2]));
    for (const { example, turns } of long)
      for (const [question, answer] of turns) {
        const item = items.get(question)!;
        if (example.strategy === 'none') expect(answer).toBe(` #### ${item.answer}`);
        else expect(run.personas.get(example.strategy!)!.shows(answer, questionFor(item))).toBe(true);
      }
  });

  test('are measured with other texts, and other questions', () => {
    const questions = new Set(lessons('train').map(({ last }) => last));
    for (const { example, front, last } of lessons('held-out', 60)) {
      expect(questions.has(last)).toBe(false);
      if (example.strategy !== 'none')
        expect(run.personas.get(example.strategy!)!.texts.heldOut).toContain(front);
    }
  });

  test('without tools they are about questions that need none', () => {
    const asked: readonly Asked[] = personaQuestions(run, { side: 'train', count: 10, tools: [] }, 'lessons');
    expect(asked.every(({ item }) => item.tool === null)).toBe(true);
    expect(lessonExamples(run, [], 'train', 10).map(({ input }) => input)).toEqual(
      asked.map(({ item }) => item.question),
    );
  });
});
