import { CHECKER, type Checker } from '../../../../core/contracts/task.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { Token } from '../../../../core/contracts/token.js';
import type { Document } from '../../../../nn/data/index.js';
import { EMPTY_RETENTION } from '../../../../nn/curriculum/index.js';
import { weightsHash } from '../../../../nn/models/index.js';
import { ask } from '../../../../plugins/phases/shared/tasks/asking.js';
import { lessonsOf } from '../../../../plugins/phases/curriculum/dreams.js';
import { reconstruction } from '../../../../plugins/phases/curriculum/dreams-told.js';
import { randomOf, wayOf, type Lesson } from '../../../../plugins/phases/curriculum/lessons.js';
import { learnLevels, type LevelsState } from '../../../../plugins/phases/curriculum/levels.js';
import { levelLists } from '../../../../plugins/phases/curriculum/lists.js';
import type { CurriculumRun } from '../../../../plugins/phases/curriculum/prepare.js';
import { promptIds, referenceDocument } from '../../../../plugins/phases/shared/tasks/prompts.js';
import { Forge } from '../../../../plugins/phases/curriculum/training.js';
import { TINY_FORGE } from '../../../support/tiny-curriculum.js';
import { withRun, type Options } from './support.js';

const OPTIONS = {
  forge: {
    ...{ steps: 2, watchEvery: 2, training: TINY_FORGE },
    optimizer: { use: 'adamw', options: { learningRate: 0.03, weightDecay: 0 } },
  },
  levels: { items: 4, heldOut: 2, epochs: 1, advance: 0 },
  dreams: { arm: 'both', items: 4, steps: 3, rate: 1 },
  // So short that questions and answers fit the context.
  examination: {
    items: 4,
    toolItems: 2,
    plainItems: 2,
    rows: 4,
    answerTokens: 2,
    taskTokens: 2,
    resamples: 100,
  },
} as const satisfies Options;

/** The same run with another part of its context. */
function withContext(run: CurriculumRun, other: Partial<PhaseContext>): CurriculumRun {
  return { ...run, ctx: { ...run.ctx, ...other } };
}

/** A run whose checker knows no right and wrong: the tiny model is never right. @param told of each answer */
function judgedBy(run: CurriculumRun, accepts: (text: string) => boolean): CurriculumRun {
  const checker = { check: accepts } as unknown as Checker;
  const resolve = (token: Token<unknown>, ...rest: readonly never[]): unknown =>
    token.id === CHECKER.id
      ? checker
      : (run.ctx.resolve as (...all: unknown[]) => unknown).call(run.ctx, token, ...rest);
  return withContext(run, { resolve: resolve as PhaseContext['resolve'] });
}

/** Easy tasks whose question and answer fit the context. */
function lessons({ book, language }: CurriculumRun, count: number, word = 'dreams'): Lesson[] {
  const drawn = book.questions({ difficulty: [1, 10], side: 'train', count: 60 }, word).map((item) => {
    const asked = { item, manuals: [], hint: null };
    return { asked, way: wayOf(asked) };
  });
  const fits = ({ asked }: Lesson): boolean => promptIds(language, asked).length + 4 <= TINY_FORGE.length;
  return drawn.filter(fits).slice(0, count);
}

/** References that fit a row. */
const references = (run: CurriculumRun, count: number, word?: string) =>
  lessons(run, count, word)
    .map(({ asked }) => referenceDocument(run.language, asked, 'direct'))
    .filter(({ ids }) => ids.length <= TINY_FORGE.length);

test('a model is as it was before, to itself, and is drawn back to that after it learnt something else', () =>
  withRun(OPTIONS, async (run) => {
    const forge = await Forge.open(run);
    const before = await forge.latentsAt(null);
    const old = references(run, 12);
    expect(await forge.divergence(old, before)).toBeLessThan(1e-9);
    expect(await forge.divergence([], before)).toBeNull();
    const usual = { steps: 6, rate: [1, 1], shapes: 'first', fraction: () => 0 } as const;
    const learnt = await forge.train({ ...usual, name: 'other', documents: references(run, 12, 'other') });
    const moved = (await forge.divergence(old, before))!;
    expect(moved).toBeGreaterThan(1e-3);
    expect(await forge.divergence(old, await forge.latentsAt(learnt.ended))).toBeLessThan(1e-9);
    const { ended } = await forge.train({
      ...usual,
      name: 'back',
      documents: old,
      teacher: before,
      steps: 30,
    });
    expect(await forge.divergence(old, before)).toBeLessThan(moved / 2);
    const back = weightsHash((await forge.applied()).weights);
    await forge.goTo(learnt.ended!);
    expect(weightsHash((await forge.applied()).weights)).not.toBe(back);
    await forge.goTo(ended!);
    expect(weightsHash((await forge.applied()).weights)).toBe(back);
    await forge.dispose();
  }));

test('of earlier tasks half are dreamt of, all or none; a dream is kept if the checker accepts it, and only then', () =>
  withRun(OPTIONS, async (plain) => {
    const judge = (text: string): boolean => text.length % 2 === 0;
    const seen: string[] = [];
    const run = judgedBy(plain, (text) => {
      seen.push(text);
      return judge(text);
    });
    const forge = await Forge.open(run);
    const learnt = lessons(run, 8);
    const model = await forge.applied();
    const level = { level: 2, began: null, ended: null, learnt, documents: [], model, fraction: () => 0 };
    const dreams = (arm: 'real' | 'dream' | 'both') => {
      seen.length = 0;
      const options = { ...run.options, dreams: { ...run.options.dreams, arm, items: 8 } };
      return lessonsOf({ ...run, options }, 'level-02-dreams', level);
    };
    const parts = (documents: readonly Document[], learns: 0 | 1) =>
      documents.map(({ ids, lossMask }) => ids.filter((_, i) => lossMask![i] === learns));

    const own = await dreams('dream');
    const right = seen.filter(judge);
    expect(seen).toHaveLength(8);
    expect([0, 8]).not.toContain(right.length);
    expect(own).toMatchObject({ real: 0, own: { asked: 8, right: right.length } });
    const answers = parts(own.documents, 1).map((ids) => run.language.tokenizer.decode(ids));
    expect(answers).toHaveLength(right.length);
    answers.forEach((answer, i) => expect(answer).toContain(right[i]));
    const known = learnt.map(({ asked }) => promptIds(run.language, asked).join());
    for (const prompt of parts(own.documents, 0)) expect(known).toContain(prompt.join());

    expect(await dreams('both')).toMatchObject({ real: 4, own: { asked: 4 } });
    expect(seen).toHaveLength(4);
    const { documents, ...counts } = await dreams('real');
    expect(counts).toEqual({ real: 8, own: { asked: 0, right: 0 } });
    expect(seen).toEqual([]);
    const reference = learnt.map(({ asked, way }) => referenceDocument(run.language, asked, way).ids.join());
    expect(documents.map(({ ids }) => ids.join()).sort()).toEqual(reference.sort());
    await forge.dispose();
  }));

test('answers at temperature 0 are the likeliest, and at another they follow from their numbers', () =>
  withRun(OPTIONS, async (run) => {
    const forge = await Forge.open(run);
    const model = await forge.applied();
    const asked = lessons(run, 4).map((lesson) => lesson.asked);
    const answers = async (sampling?: { temperature: number; word: string }) => {
      const options = sampling && {
        sampling: {
          temperature: sampling.temperature,
          random: (i: number) => randomOf(run, sampling.word, String(i)),
        },
      };
      return (await ask(run, model, asked, undefined, options)).answers.map(({ ids }) => ids);
    };
    expect(await answers({ temperature: 0, word: 'a' })).toEqual(await answers());
    const some = await answers({ temperature: 1, word: 'a' });
    expect(await answers({ temperature: 1, word: 'a' })).toEqual(some);
    expect(await answers({ temperature: 1, word: 'b' })).not.toEqual(some);
    await forge.dispose();
  }));

/** The process ended. */
class Killed extends Error {}

/** Where a process ends: after an update of a stretch. */
type Kill = readonly [task: string, update: number];

/** Two levels from main training on. @param kill what is saved by then is there for the next attempt */
async function twoLevels(run: CurriculumRun, kill: Kill | null = null) {
  const done: Record<string, number> = {};
  const own = withContext(
    judgedBy(run, (text) => text.length % 2 === 0),
    {
      progress: ({ task }) => void (done[task] = (done[task] ?? 0) + 1),
      pausePoint: () =>
        kill !== null && done[kill[0]] === kill[1] ? Promise.reject(new Killed()) : Promise.resolve(),
    },
  );
  const forge = await Forge.open(own);
  try {
    const train = { documents: references(run, 12), steps: 2, shapes: 'first', fraction: () => 0 } as const;
    const main = await forge.train({ ...train, name: 'forge', rate: [1, 1] });
    const start = { ended: main.ended, retention: () => Promise.resolve(EMPTY_RETENTION) };
    const state = await learnLevels(own, forge, levelLists(own, 1).slice(0, 2), start, () => 0);
    return { state, hash: weightsHash(await forge.state()), done };
  } finally {
    await forge.dispose();
    await run.writers.dispose();
  }
}

describe('levels with dreams', () => {
  let unbroken: Awaited<ReturnType<typeof twoLevels>>;
  beforeAll(async () => void (unbroken = await withRun(OPTIONS, (run) => twoLevels(run))));

  /** Without losses of levels: those are of the process that finished a stretch. */
  const bits = ({ epochs: _, results, ...state }: LevelsState) => ({
    ...state,
    results: results.map(({ epochs, ...rest }) => ({ ...rest, heldOut: epochs.map((one) => one.heldOut) })),
  });

  test('the second learns of the first, with the updates that are asked for', () => {
    const [first, second] = unbroken.state.results;
    expect(first!.dreams).toBeNull();
    expect(second!.dreams).toMatchObject({ arm: 'both', real: 2, updates: 3 });
    const { before, after } = second!.dreams!.divergence!;
    expect(before).toBeGreaterThan(0);
    expect(after).not.toBe(before);
    expect(unbroken.state.ended!.name).toBe('level-02-dreams');
    expect(reconstruction({ dreams: { arm: 'both' } as never }, second).value).toBe(after);
  });

  test('killed anywhere and gone on with they end at the same bits', () =>
    withRun(OPTIONS, async (run) => {
      const kills = [['level-02-epoch-1', 1], ['level-02-dreams', 1], ['level-02-dreams', 2]] as const; // prettier-ignore
      for (const kill of kills) await expect(twoLevels(run, kill)).rejects.toThrow(Killed);
      const { state, hash, done } = await twoLevels(run);
      expect(done['level-01-epoch-1']).toBeUndefined();
      expect(hash).toBe(unbroken.hash);
      expect(bits(state)).toEqual(bits(unbroken.state));
    }));
});

test.each([
  ['none', undefined, 'switched off'],
  ['usual', undefined, 'without dreams'],
  ['dream', undefined, 'not reached'],
  ['dream', { dreams: null }, 'no earlier level'],
  ['dream', { dreams: { divergence: null } }, 'no answer'],
])('arm %s, level %p: the metric is null, %s', (arm, level, why) => {
  const { value, reason } = reconstruction({ dreams: { arm } as never }, level as never);
  expect(value).toBeNull();
  expect(reason).toContain(why);
});
