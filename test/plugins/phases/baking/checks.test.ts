import { personaTag } from '../../../../core/contracts/persona.js';
import { toolNameTag } from '../../../../core/contracts/tool.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { BakedModel } from '../../../../plugins/phases/baking/model.js';
import { checkPersonas } from '../../../../plugins/phases/baking/personas/check.js';
import { examinePersonas, type PersonaModels } from '../../../../plugins/phases/baking/personas/examine.js';
import { questionFor } from '../../../../plugins/phases/baking/personas/questions.js';
import type { BakingRun } from '../../../../plugins/phases/baking/prepare.js';
import { checkTools } from '../../../../plugins/phases/baking/tools/check.js';
import { examineTools } from '../../../../plugins/phases/baking/tools/examine.js';
import { measureLatency } from '../../../../plugins/phases/baking/tools/latency.js';
import type { LiveModel } from '../../../../plugins/phases/shared/model/open.js';
import { stream } from '../../../../nn/random/index.js';
import { able, as, behind, unable, type Question, type Student } from './students.js';
import { openForged, preparedRun, type Forged } from './support.js';

let forged: Forged;
let run: BakingRun;
/** The model that came in, and one that is told apart by its weights alone. */
let base: LiveModel;
let other: LiveModel;
beforeAll(async () => {
  forged = await openForged();
  run = await preparedRun(forged, {
    tools: { leastPrompted: 0.9, leastGain: 0.5 },
    personas: { leastPrompted: 0.85 },
    examination: {
      ...{ toolItems: 10, plainItems: 10, personaItems: 10, listItems: 10, fadingItems: 4 },
      ...{ conversations: 2, turns: 12, latencyItems: 1, rows: 4, taskTokens: 64 },
    },
  });
  base = new BakedModel(run).applied(run.start.weights);
  other = { ...base, weights: { ...base.weights } };
});
afterAll(() => forged.close());

const nothing = (): void => undefined;
const only =
  (tool: string, student: Student): Student =>
  (question) =>
    (question.item.tool?.name === tool ? student : able)(question);
/** One student in place of the model that came in, another in place of any other. */
const apart =
  (came: Student, now: Student): Student =>
  (question) =>
    (question.weights === base.weights ? came : now)(question);
const rightManual: Student = (question) => {
  const { item, front } = question;
  return (item.tool !== null && front.includes(toolNameTag(item.tool.name)) ? able : unable)(question);
};

describe('the check of tools', () => {
  const checked = async (student: Student) => {
    const own = as(student, run);
    const checks = await checkTools(own, base, own.start.weights, nothing);
    return Object.fromEntries(checks.map((check) => [check.tool, check]));
  };

  test('passes what the manual makes the model do, and nothing else does', async () => {
    expect(await checked(rightManual)).toEqual({
      calculator: { tool: 'calculator', items: 10, prompted: 1, unprompted: 0, refused: null },
      search: { tool: 'search', items: 10, prompted: 1, unprompted: 0, refused: null },
    });
  });

  test('refuses a tool that is not used even with its manual, by its figures; the others go on', async () => {
    const { calculator, search } = await checked(only('search', unable));
    expect(search).toMatchObject({ prompted: 0, unprompted: 0 });
    expect(search!.refused).toBe('with its manual it is called rightly in 0 %, less than 90 %');
    // Called without a manual, too: the manual makes no difference.
    expect(calculator).toMatchObject({ prompted: 1, unprompted: 1 });
    expect(calculator!.refused).toBe('its manual makes a difference of 0 %, less than 50 %');
  });

  test('counts the first call alone, that could be read and gave the result', async () => {
    const wrong: Readonly<Record<string, Student>> = {
      'another tool': ({ item, result }) =>
        result === null ? { call: 'file-reader', args: item.tool!.args } : { text: '' },
      'other arguments': ({ result }) =>
        result === null ? { call: 'calculator', args: '1+(' } : { text: '' },
      'the answer without a call': ({ item }) => ({ text: ` #### ${item.answer}` }),
      nothing: () => null,
    };
    for (const [name, student] of Object.entries(wrong)) {
      const { calculator } = await checked(behind(student, unable));
      expect([name, calculator!.prompted]).toEqual([name, 0]);
    }
  });

  test('is done once: a run that goes on finds it', async () => {
    let asked = 0;
    const counting = as((question) => (asked++, rightManual(question)), run);
    const first = await checkTools(counting, base, run.start.weights, nothing);
    const before = asked;
    expect(await checkTools(counting, base, run.start.weights, nothing)).toEqual(first);
    expect(asked).toBe(before);
    expect(JSON.parse(JSON.stringify(first))).toEqual(first);
  });
});

describe('what tools come to', () => {
  test('is told of the model that came in, with and without the manual, and of this one without', async () => {
    const own = as(apart(rightManual, able), run);
    const { tools, falseCalls, fading } = await examineTools(own, { base, baked: other }, nothing);
    expect(
      tools.map(({ tool, items, unprompted, prompted, baked, answered }) => [
        ...[tool, items, unprompted.value, prompted.value, baked.value, answered.value],
      ]),
    ).toEqual([
      ['calculator', 10, 0, 1, 1, 1],
      ['search', 10, 0, 1, 1, 1],
    ]);
    // Wilson, ten of ten, z = 1.96: 10 / (10 + z^2).
    expect(tools[0]!.baked.low).toBeCloseTo(10 / (10 + 1.959964 ** 2), 5);
    expect(falseCalls).toMatchObject({ items: 10, byTool: { calculator: 0, search: 0 } });
    expect([falseCalls!.base.value, falseCalls!.baked.value]).toEqual([0, 0]);
    // The tag of the tool is in every form of its manual; the last one is none.
    const shares = { manual: 1, short: 1, name: 1 };
    expect(fading).toEqual(
      ['calculator', 'search'].map((tool) => ({
        ...{ tool, items: 4, base: { ...shares, none: 0 }, baked: { ...shares, none: 1 } },
      })),
    );
  });

  test('the answer after the call is looked at, too; a call where none is needed is told by its tool', async () => {
    const calling: Student = ({ item, result }) => {
      if (result !== null) return { text: ' #### no' };
      return item.tool === null
        ? { call: 'search', args: 'x' }
        : { call: item.tool.name, args: item.tool.args };
    };
    const own = as(apart(able, calling), run);
    const { tools, falseCalls } = await examineTools(own, { base, baked: other }, nothing);
    expect(tools.map(({ baked, answered }) => [baked.value, answered.value])).toEqual([
      [1, 0],
      [1, 0],
    ]);
    expect(falseCalls!.baked.value).toBe(1);
    expect(falseCalls!.byTool).toEqual({ calculator: 0, search: 1 });
  });

  test('of a phase without tools is nothing, and nothing is timed', async () => {
    const alone = await preparedRun(forged, { tools: { use: null, generator: null } });
    const own = as(able, alone);
    const { tools, fading, falseCalls } = await examineTools(own, { base, baked: other }, nothing);
    expect([tools, fading, falseCalls!.baked.value]).toEqual([[], [], 0]);
    expect(await measureLatency(own, { base, baked: other })).toBeNull();
    expect(await checkTools(own, base, own.start.weights, nothing)).toEqual([]);
  });
});

/** Speaks as the persona whose token or text stands in front. */
const persona =
  (whose: (question: Question) => string | null, otherwise: Student = able): Student =>
  (question) => {
    const name = whose(question);
    const { item, result } = question;
    if (name === null || (item.tool !== null && result === null)) return otherwise(question);
    return { text: run.personas.get(name)!.demonstrate(questionFor(item), stream(1, item.id)) };
  };
const byTag = ({ front }: Question): string | null =>
  [...run.personas.keys()].find((name) => front.startsWith(personaTag(name))) ?? null;
const byText = ({ front }: Question): string | null =>
  [...run.personas].find(([, { texts }]) => texts.wordings.includes(front))?.[0] ?? null;

describe('the check of personas', () => {
  test('passes the one that is taken on, and refuses by its figures the one that is not', async () => {
    const own = as(
      persona((question) => (byText(question) === 'helpful' ? 'helpful' : null)),
      run,
    );
    const [helpful, precise] = await checkPersonas(own, base, own.start.weights, ['calculator']);
    expect(helpful).toEqual({ persona: 'helpful', items: 10, prompted: 1, unprompted: 0, refused: null });
    // `#### 4` has a mark in it.
    expect(precise).toMatchObject({ persona: 'precise', prompted: 0 });
    expect(precise!.refused).toBe('with its text the trait is shown in 0 %, less than 85 %');
  });
});

describe('what personas come to', () => {
  const names = ['helpful', 'precise'];
  const same = {
    none: undefined as unknown as LiveModel,
    of: () => other,
    before: undefined as unknown as LiveModel,
  };
  const examined = (student: Student, models: Partial<PersonaModels> = {}, own = run) =>
    examinePersonas(
      as(student, own),
      { ...same, none: other, before: base, ...models },
      { names, tools: ['calculator'], told: nothing },
    );

  test('each shows its own trait and no other, again after another one spoke, and through a conversation', async () => {
    const found = await examined(persona(byTag));
    expect(found).toMatchObject({ names, items: 10 });
    expect(found.confusion).toEqual([
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
    expect(found.switching).toEqual({ pairs: 2, equal: 2 });
    const steady = new Array<number>(12).fill(1);
    expect(found.stability).toEqual({ helpful: steady, precise: steady });
    expect(found.unaffected).toBe(1);
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });

  test('one that speaks as another is seen in the confusion, one that forgets in its turns', async () => {
    const mixed = await examined(persona((question) => (byTag(question) === null ? null : 'precise')));
    expect(mixed.confusion).toEqual([
      [0, 1],
      [0, 1],
      [0, 0],
    ]);
    // Its own trait in the first turn alone.
    const tiring = await examined(persona((question) => (question.turns === 0 ? byTag(question) : null)));
    expect(tiring.stability['helpful']).toEqual([1, ...new Array<number>(11).fill(0)]);
  });

  test('who speaks as the one before did is not switched, and answers without a persona that change are counted', async () => {
    let last = 'helpful';
    const sticky = await examined(
      persona((question) => {
        const name = byTag(question);
        const before = last;
        // What is said, not what is called.
        if (name === null || (question.item.tool !== null && question.result === null)) return name;
        last = name;
        return before;
      }),
    );
    // The first answer as helpful was another before precise spoke; precise always spoke after helpful.
    expect(sticky.switching).toEqual({ pairs: 2, equal: 1 });
    const changed = await examined(apart(able, unable));
    // Two of ten questions need no tool, and are answered alike.
    expect(changed.unaffected).toBe(0.2);
  });

  test('conversations read as many turns as were taught, and drop the oldest where the context is full', async () => {
    const talked = async (mostTurns: number) => {
      const seen: number[] = [];
      const lengths: number[] = [];
      const { personas } = run.options;
      const lessons = { ...personas.lessons, mostTurns };
      const own = as(
        persona((question) => {
          if (question.result === null) {
            seen.push(question.turns);
            lengths.push(question.length);
          }
          return byTag(question);
        }),
        { ...run, options: { ...run.options, personas: { ...personas, lessons } } },
      );
      const { stability } = await examinePersonas(
        own,
        { ...same, none: other, before: base },
        { names: ['precise'], tools: ['calculator'], told: nothing },
      );
      expect(stability['precise']).toHaveLength(12);
      return { turns: Math.max(...seen), longest: Math.max(...lengths) };
    };
    expect((await talked(0)).turns).toBe(0);
    expect((await talked(1)).turns).toBe(1);
    // Of the context of 256 the answer has 64 tokens: twelve turns have no room in the rest.
    const { turns, longest } = await talked(12);
    expect(turns).toBeGreaterThan(1);
    expect(turns).toBeLessThan(11);
    expect(longest).toBeLessThanOrEqual(256 - 64);
    expect(longest).toBeGreaterThan(256 - 64 - 80);
  });

  test('where adapters switch, each has weights of its own and nothing in front of the question', async () => {
    const adapted = await preparedRun(forged, {
      personas: { switching: 'adapters' },
      examination: { personaItems: 4, conversations: 1, turns: 1, rows: 4, taskTokens: 64 },
    });
    const models = new Map(names.map((name) => [name, { ...base, weights: { ...base.weights } }]));
    const whose = (weights: TensorDict): string | null =>
      [...models].find(([, model]) => model.weights === weights)?.[0] ?? null;
    const fronts = new Set<string>();
    const student = persona(({ front, weights }) => (fronts.add(front), whose(weights)));
    const found = await examined(student, { of: (name) => models.get(name)! }, adapted);
    expect(found.confusion.slice(0, 2)).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect([...fronts]).toEqual(['']);
  });

  test('of one alone nothing can be switched, and of none nothing is asked', async () => {
    const own = as(persona(byTag), run);
    const of = (some: readonly string[]) =>
      examinePersonas(own, { ...same, none: other, before: base }, { names: some, tools: [], told: nothing });
    expect((await of(['precise'])).switching).toBeNull();
    expect(await of([])).toMatchObject({ switching: null, stability: {}, unaffected: null, confusion: [[]] });
  });
});
