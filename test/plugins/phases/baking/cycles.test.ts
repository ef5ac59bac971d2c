import { EMPTY_ANSWERS } from '../../../../nn/cycles/index.js';
import { toolNameTag } from '../../../../core/contracts/tool.js';
import {
  personaBank,
  selfDescriptions,
  toolBanks,
  toolCandidates,
} from '../../../../plugins/phases/baking/cycles/candidates.js';
import { compareCandidates } from '../../../../plugins/phases/baking/cycles/cycle.js';
import { runCycles, type Cycles } from '../../../../plugins/phases/baking/cycles/run.js';
import { answersAt, type Standing } from '../../../../plugins/phases/baking/learn.js';
import type { Bake } from '../../../../plugins/phases/baking/bakes.js';
import type { BakingEntry } from '../../../../plugins/phases/shared/baking/types.js';
import { questionFor } from '../../../../plugins/phases/baking/personas/questions.js';
import { stream } from '../../../../nn/random/index.js';
import type { EvaluationList } from '../../../../plugins/phases/baking/lists.js';
import { BakedModel } from '../../../../plugins/phases/baking/model.js';
import type { BakingRun } from '../../../../plugins/phases/baking/prepare.js';
import { answersOf } from '../../../../plugins/phases/baking/tools/check.js';
import { toolQuestions } from '../../../../plugins/phases/baking/tools/questions.js';
import { able, as, behind, unable, type Student } from './students.js';
import { marked, markOf, openForged, preparedRun, type Forged } from './support.js';

const TOOLS = ['calculator', 'search'];
let forged: Forged;
let run: BakingRun;
beforeAll(async () => {
  forged = await openForged();
  run = await preparedRun(forged, {
    tools: { questions: 4, heldOut: 4 },
    cycles: { most: 10, items: 20, candidates: 3, window: 2, threshold: 0.01, strength: 0.5, steps: 4 },
    examination: { taskTokens: 64, rows: 4 },
    rollback: { points: 10 },
  });
});
afterAll(() => forged.close());

/** The mark of what a bake of the tests gives. */
const BAKED = 7;

interface Cycled extends Cycles {
  readonly begun: Standing;
  readonly bakes: readonly { readonly bake: Bake; readonly strength: number }[];
}

interface CycledOptions {
  readonly tools?: readonly string[];
  /** What the model writes of itself. */
  readonly other?: string;
  readonly lists?: readonly EvaluationList[];
  readonly options?: Partial<BakingRun['options']['cycles']>;
}

/** A run of cycles of a student, whose bakes give a model with a mark. */
async function cycled(
  student: Student,
  { tools = TOOLS, other = '', lists = [], options = {} }: CycledOptions = {},
): Promise<Cycled> {
  const cycles = { ...run.options.cycles, ...options };
  const own = as(student, { ...run, options: { ...run.options, cycles } }, other);
  const baked = new BakedModel(own);
  const standing = { weights: own.start.weights, ledger: [], answers: EMPTY_ANSWERS, lists, learnt: [] };
  const begun = { ...standing, answers: await answersAt(own, baked, standing, 'before') };
  const bakes: Cycled['bakes'][number][] = [];
  const found = await runCycles(own, baked, begun, {
    ...{ tools, fraction: (done: number) => done },
    bakes: async (_, __, bake, strength) => {
      bakes.push({ bake, strength });
      const entry = { name: bake.name, strength: 0.52, before: 2, after: 1 } as BakingEntry;
      return { weights: marked(run, BAKED), entries: [entry] };
    },
  });
  return { ...found, begun, bakes };
}

describe('cycles', () => {
  test('of a model that prompts change nothing of win nothing and bake nothing, and end on their plateaus', async () => {
    const { standing, begun, state, results, plateaus, ended } = await cycled(unable);
    expect(standing).toBe(begun);
    expect(ended).toBe('plateau');
    expect(plateaus).toEqual({ a: true, b: true });
    expect(results.map(({ kind, cycle }) => `${kind}${cycle}`)).toEqual(['a1', 'b2', 'a3', 'b4']);
    expect(state).toMatchObject({ done: { a: 2, b: 2 }, switches: 3, detections: 2, lastDetection: 4 });
    for (const {
      winner,
      baked,
      candidates,
      traits,
      kind,
      baseline,
      improved,
      failures,
      samples,
    } of results) {
      expect([winner, baked, traits, improved]).toEqual([null, null, [], baseline]);
      expect(candidates).toHaveLength(3);
      for (const { found } of candidates) expect([found.accepted, found.gain.value]).toEqual([false, 0]);
      // Of tools none is called: of ten questions each ten fail; of the others a fifth needs no tool.
      expect([failures, baseline]).toEqual(kind === 'a' ? [20, 0] : [16, 0.2]);
      expect(samples).toBe(kind === 'a' ? 10 * 4 : 20 * 4);
    }
    expect(JSON.parse(JSON.stringify(results))).toEqual(results);
    // What was measured is not tried again.
    const tried = results.filter(({ kind }) => kind === 'a').flatMap(({ candidates }) => candidates);
    expect(new Set(tried.map(({ text }) => text)).size).toBe(6);
  });

  test('bake a part of what wins for certain, about the tool that fails most, and go on from there', async () => {
    // The calculator is always called; search where it is named, and once something was baked.
    const learns: Student = (question) => {
      const { item, front, weights } = question;
      const calls =
        item.tool?.name !== 'search' || front.includes(toolNameTag('search')) || markOf(weights) === BAKED;
      return (calls ? able : unable)(question);
    };
    const { standing, results, state, bakes, ended } = await cycled(learns, { options: { most: 1 } });
    const [result, ...none] = results;
    expect([ended, none]).toEqual(['cycles', []]);
    expect(result).toMatchObject({
      ...{ kind: 'a', subject: 'search', failures: 10, baseline: 0.5, improved: 1, selfWritten: null },
      ...{ baked: { strength: 0.52, before: 2, after: 1 }, samples: 40 },
    });
    const won = result!.candidates[result!.winner!]!;
    expect(won.found).toMatchObject({ accepted: true, items: 10, before: 0, after: 1 });
    expect(won.text).toContain(toolNameTag('search'));
    expect(markOf(standing.weights)).toBe(BAKED);
    expect(standing.ledger).toMatchObject([
      { order: 1, name: 'a-cycle-1', subjects: [], kind: 'a-cycle', kept: true, worst: null, reason: null },
    ]);
    expect(state.series.a.map(({ value }) => value)).toEqual([0.5, 1]);
    // Its teacher reads the winner, the model does not; what is to stay is baked with it.
    const [{ strength, bake }] = bakes as [(typeof bakes)[number]];
    expect([strength, bake.name, bake.steps]).toEqual([0.5, 'a-cycle-1', 4]);
    const own = bake.train.filter((one) => one.strategy === 'a-cycle-1');
    expect([own.length, bake.heldOut.length]).toEqual([4, 4]);
    for (const { prompt } of [...own, ...bake.heldOut]) expect(prompt).toBe(`${won.text}\n`);
    expect(bake.train.length).toBeGreaterThan(4);
  });

  test('of the model itself tell the traits that the winner moves, by judges and not by its words', async () => {
    const helpful = run.personas.get('helpful')!;
    const speaks: Student = (question) => {
      const { item, front, result } = question;
      if (front === '') return unable(question);
      return item.tool !== null && result === null
        ? able(question)
        : { text: helpful.demonstrate(questionFor(item), stream(1, item.id)) };
    };
    const alone = { tools: [], options: { most: 1 } };
    const { results, standing } = await cycled(speaks, { ...alone, other: ' I am precise and careful.' });
    const [result] = results;
    // Such an answer is right for no checker: nothing wins, whatever trait it shows.
    expect(result).toMatchObject({ kind: 'b', subject: 'self', winner: null, baked: null, traits: [] });
    expect(standing.ledger).toEqual([]);
    // A bare answer is right, and it is precise.
    const bare: Student = (question) => ({
      text: question.front === '' ? ' I do not know it.' : ` ${question.item.answer}`,
    });
    const won = await cycled(bare, { ...alone, other: ' I am helpful and careful.' });
    expect(won.results[0]).toMatchObject({ kind: 'b', winner: 0, selfWritten: 1 / 3, traits: ['precise'] });
    expect(won.standing.ledger).toMatchObject([{ name: 'b-cycle-1', kind: 'b-cycle', kept: true }]);
  });

  test('take back what costs an earlier list too much: then nothing was baked', async () => {
    const losing: EvaluationList = {
      name: 'thoughts',
      answered: async ({ weights }) => [1, 2, 3, 4, 5].map(() => markOf(weights) !== BAKED),
    };
    const { standing, begun, results } = await cycled(behind(able, unable), {
      ...{ tools: ['calculator'], lists: [losing], options: { most: 1 } },
    });
    expect(results[0]).toMatchObject({ kind: 'a', baked: null, baseline: 0, improved: 0 });
    expect(results[0]!.winner).not.toBeNull();
    expect(standing).toEqual({ ...begun, ledger: standing.ledger });
    expect(standing.ledger).toMatchObject([{ kept: false, reason: 'thoughts lost 100.0 points' }]);
  });

  test('are off where there are to be none, and leave out what there is nothing of', async () => {
    expect(await cycled(unable, { options: { most: 0 } })).toMatchObject({ ended: 'off', results: [] });
    const alone = await cycled(unable, { tools: [], options: { most: 3 } });
    expect(alone.results.map(({ kind }) => kind)).toEqual(['b', 'b']);
    expect(alone).toMatchObject({ ended: 'plateau', plateaus: { a: false, b: true } });
    const few = await cycled(unable, { options: { most: 3 } });
    expect([few.ended, few.results.length]).toEqual(['cycles', 3]);
  });

  test('without personas are of tools alone, and without both there are none', async () => {
    const prepared = await preparedRun(forged, {
      personas: { use: [] },
      plain: [],
      cycles: { most: 9, window: 1, items: 4, candidates: 1 },
    });
    const own = as(unable, prepared);
    const baked = new BakedModel(own);
    const standing = {
      weights: own.start.weights,
      ledger: [],
      answers: EMPTY_ANSWERS,
      lists: [],
      learnt: [],
    };
    const of = (tools: readonly string[]) =>
      runCycles(own, baked, standing, { tools, fraction: (done) => done });
    expect(await of(TOOLS)).toMatchObject({ ended: 'plateau', results: [{ kind: 'a' }] });
    expect(await of([])).toMatchObject({ ended: 'cycles', results: [], plateaus: { a: false, b: false } });
  });
});

test('what may be chance wins nothing: a prompt must gain for certain', async () => {
  const own = as(behind(able, unable), run);
  const model = new BakedModel(own).applied(own.start.weights);
  const asked = toolQuestions(own, 'search', { side: 'held-out', count: 20 }, 'unit');
  const holdsAt = (gained: number) => {
    const chosen = new Set(asked.slice(0, gained).map(({ item }) => item.id));
    return {
      asked,
      holds: ({ asked: one, called }: { asked: { item: { id: string } }; called: boolean }) =>
        called && chosen.has(one.item.id),
    };
  };
  const bare = await answersOf(own, model, asked);
  const prompts = [{ text: 'p', origin: 'seed', parents: [] } as const];
  const winnerOf = async (gained: number) =>
    (await compareCandidates(own, model, { ...holdsAt(gained), prompts }, bare)).winner;
  // One gained of twenty is missed by 36 % of the draws, six by less than 0.1 %.
  expect(await winnerOf(1)).toBeNull();
  expect(await winnerOf(6)).toBe(0);
});

test('of several that win the one with the largest gain is baked; of equal ones the first', async () => {
  const gains: Record<string, number> = { one: 8, two: 12, three: 12 };
  const own = as((question) => (question.front === '' ? unable : ranked)(question), run);
  const asked = toolQuestions(own, 'search', { side: 'held-out', count: 20 }, 'unit');
  const places = new Map(asked.map(({ item }, i) => [item.id, i]));
  const ranked: Student = (question) =>
    (places.get(question.item.id)! < gains[question.front]! ? able : unable)(question);
  const model = new BakedModel(own).applied(own.start.weights);
  const bare = await answersOf(own, model, asked);
  const prompts = Object.keys(gains).map((text) => ({ text, origin: 'seed', parents: [] }) as const);
  const { winner, candidates } = await compareCandidates(
    own,
    model,
    { asked, holds: ({ called }) => called, prompts },
    bare,
  );
  expect(winner).toBe(1);
  expect(candidates.map(({ found }) => found.gain.value)).toEqual([0.4, 0.6, 0.6]);
});

describe('prompts that are tried', () => {
  test('about a tool name it, are new, and can be read in front of a row', () => {
    const bank = toolBanks(run)['search']!;
    const prompts = toolCandidates(run, bank, 'search', 'unit');
    expect(prompts).toHaveLength(3);
    for (const { text } of prompts) expect(text).toContain(toolNameTag('search'));
    expect(new Set(prompts.map(({ text }) => text)).size).toBe(3);
    const { bake } = run.options;
    const full = {
      ...run,
      options: { ...run.options, bake: { ...bake, training: { ...bake.training, length: 250 } } },
    };
    expect(toolCandidates(full, bank, 'search', 'unit')).toEqual([]);
  });

  test('about itself are what the model wrote, where that can be tried, filled up from the bank', async () => {
    const bank = personaBank(run)!;
    const described = async (other: string) => {
      const own = as(unable, run, other);
      const model = new BakedModel(own).applied(own.start.weights);
      const { prompts, selfWritten } = await selfDescriptions(own, model, bank, 'unit');
      return {
        origins: prompts.map(({ origin }) => origin),
        texts: prompts.map(({ text }) => text),
        selfWritten,
      };
    };
    const own = await described(' I answer in a few short words.');
    expect(own.origins[0]).toBe('own');
    expect(own.texts[0]).toBe('I answer in a few short words.');
    expect(own.origins.slice(1)).not.toContain('own');
    expect(own.texts).toHaveLength(3);
    // The same sentence six times is one.
    expect(own.selfWritten).toBeCloseTo(1 / 3, 12);
    for (const wrong of [' #### 7', '7', 'one\ntwo three four', 'no no no no no no no']) {
      const { selfWritten, origins } = await described(wrong);
      expect([wrong, selfWritten, origins.length]).toEqual([wrong, 0, 3]);
    }
  });
});
