import type { Handoff } from '../../../../core/contracts/handoff.js';
import { isForgeError, type ForgeError, type Problem } from '../../../../core/errors/index.js';
import { baking } from '../../../../plugins/index.js';
import { requireFit, type FitSubject } from '../../../../plugins/phases/baking/fit.js';
import { prepare, type BakingRun } from '../../../../plugins/phases/baking/prepare.js';
import { lineIds } from '../../../../plugins/phases/shared/tasks/prompts.js';
import { handoffPhase } from '../../../../testing/index.js';
import { TINY_BAKE, tinyBaking } from '../../../support/tiny-baking.js';
import { benchOf } from '../bitnet/support.js';
import { completeOptions, openForged, preparedRun, type Forged, type Options } from './support.js';

const AT = 'phases.baking';

describe('the plan', () => {
  const plan = async (options: Options) => {
    const phases = [handoffPhase('curriculum-to-baking'), baking(tinyBaking(options))];
    const bench = await benchOf(phases);
    try {
      const { problems, warnings } = await bench.kernel.plan();
      return { problems, warnings };
    } finally {
      await bench.dispose();
    }
  };

  test('of a tiny run has no problems; without tools and personas it says that nothing happens', async () => {
    expect(await plan({})).toEqual({ problems: [], warnings: [] });
    const idle = await plan({ tools: { generator: null }, personas: { use: [] } });
    expect(idle.problems).toEqual([]);
    expect(idle.warnings).toEqual([expect.stringMatching(/neither tools nor personas are baked/)]);
  });

  test('names everything that nothing provides at once, with what is meant', async () => {
    const { problems } = await plan({
      plain: ['boolean-tasks', 'list-task'],
      bake: { use: 'promts', optimizer: { use: 'adamv' } },
      tools: { generator: 'tol-tasks', use: ['calculator', 'serch'] },
      personas: { use: ['helpfull'], lessons: { optimizer: { use: 'adamw', options: { learningRat: 1 } } } },
    });
    expect(problems.map(({ at, suggestion }) => [at, suggestion])).toEqual([
      [`${AT}.bake.use`, undefined],
      [`${AT}.bake.optimizer`, undefined],
      [expect.stringContaining('learningRat'), 'learningRate'],
      [`${AT}.plain[1]`, 'list-tasks'],
      [`${AT}.tools.generator`, 'tool-tasks'],
      [`${AT}.tools.use[1]`, 'search'],
      [`${AT}.personas.use[0]`, 'helpful'],
    ]);
    for (const { fix } of problems) expect(fix).toMatch(/\w+ \w+/);
    expect(problems[0]!.fix).toContain('Did you mean "prompts"?');
  });

  test('refuses a method without a teacher that reads prompts, and what nobody asks about', async () => {
    const { problems } = await plan({
      bake: { use: 'traces' },
      tools: { generator: 'list-tasks' },
      plain: [],
    });
    expect(problems.map(({ at, message }) => [at, message])).toEqual([
      [`${AT}.bake.use`, expect.stringContaining('no teacher that reads a prompt')],
      [`${AT}.tools.generator`, 'does not ask about tools'],
      [`${AT}.plain`, 'personas are asked questions that need no tool, and nothing asks any'],
    ]);
  });
});

describe('with the forged model there', () => {
  let forged: Forged;
  let run: BakingRun;
  beforeAll(async () => {
    forged = await openForged();
    run = await preparedRun(forged);
  });
  afterAll(() => forged.close());

  /** What preparing says of the tiny handoff, changed. */
  async function refusal(
    options: Options,
    change: (handoff: Handoff) => Handoff = (same) => same,
  ): Promise<ForgeError> {
    return refused(async () => prepare(forged.ctx, await completeOptions(options), change(forged.handoff)));
  }

  async function refused(work: () => Promise<unknown>): Promise<ForgeError> {
    try {
      await work();
    } catch (error) {
      if (isForgeError(error)) return error;
      throw error;
    }
    throw new Error('nothing was refused');
  }

  test('a tool that the model was not taught is refused with those that it was', async () => {
    const { code, problems } = await refusal({ tools: { use: ['search', 'oracle'] } });
    expect(code).toBe('AF_CONFIG_INVALID');
    expect(problems).toEqual([
      expect.objectContaining({
        at: `${AT}.tools.use[1]`,
        expected: 'calculator, code-executor, database-query, file-reader, search',
        found: 'oracle',
      }),
    ]);
  });

  const untaught = (handoff: Handoff): Handoff => ({
    ...handoff,
    facts: { ...handoff.facts, tools: { ...(handoff.facts['tools'] as object), facts: null } },
  });

  test('of a model without tools all are refused; where none is named personas are baked alone', async () => {
    const { problems } = await refusal({}, untaught);
    expect(problems.map(({ at, expected }) => [at, expected])).toEqual([
      [`${AT}.tools.use[0]`, 'nothing: it was taught no tools'],
      [`${AT}.tools.use[1]`, 'nothing: it was taught no tools'],
    ]);
    const alone = await prepare(
      forged.ctx,
      await completeOptions({ tools: { use: null } }),
      untaught(forged.handoff),
    );
    expect([alone.toolNames, alone.language.tools, [...alone.tools]]).toEqual([[], null, []]);
    expect([...alone.personas.keys()]).toEqual(['helpful', 'precise']);
    // Tools that it was taught are not baked where nobody asks about them, but may be called.
    const unasked = await preparedRun(forged, { tools: { use: null, generator: null } });
    expect(unasked.toolNames).toEqual([]);
    expect(unasked.tools.size).toBe(5);
  });

  test('a handoff without latents is refused, and so is none', async () => {
    const error = await refusal({}, (handoff) => ({ ...handoff, models: handoff.models.slice(1) }));
    expect(error.code).toBe('AF_HANDOFF_INVALID');
    expect(error.message).toMatch(/no latent weights/);
    const none = await refused(async () => prepare(forged.ctx, await completeOptions(), null));
    expect(none.code).toBe('AF_HANDOFF_MISSING');
  });

  describe('what does not fit', () => {
    /** Of the tiny model: its context is 256. */
    async function problemsOf(options: Options, more: Partial<FitSubject> = {}): Promise<readonly Problem[]> {
      const complete = await completeOptions(options);
      const { tokenizer } = run.language;
      const subject = { model: run.start, tokenizer, tools: run.toolNames, ...more };
      try {
        requireFit(run.ctx, complete, subject);
      } catch (error) {
        if (!isForgeError(error)) throw error;
        expect(error.code).toBe('AF_CONFIG_INVALID');
        return error.problems;
      }
      return [];
    }

    /** Tokens of the longest line that stands in front of a question. */
    const longest = (lines: readonly string[]): number =>
      Math.max(...lines.map((line) => lineIds(run.language.tokenizer, line).length));
    const bakeOf = (length: number, more: object = {}): Options['bake'] => ({
      training: { ...TINY_BAKE, length, ...more },
    });
    const NONE: Options['personas'] = { use: [] };

    test('rows with the longest manual in front may be as long as the context', async () => {
      const manual = longest(run.tools.get('search')!.manual.wordings);
      const of = (length: number) =>
        problemsOf({ bake: bakeOf(length), personas: NONE }, { tools: ['search'] });
      expect(manual).toBeGreaterThan(20);
      expect(await of(256 - manual)).toEqual([]);
      expect(await of(257 - manual)).toEqual([
        expect.objectContaining({
          at: `${AT}.bake.training.length`,
          expected: `at most ${256 - manual} (the context of 256 less the ${manual} tokens of the manual of search)`,
          found: String(257 - manual),
        }),
      ]);
    });

    test('of a persona behind a token its text counts less the token', async () => {
      const { wordings } = run.personas.get('helpful')!.texts;
      const of = (length: number, switching: 'trigger' | 'adapters') =>
        problemsOf({ bake: bakeOf(length), personas: { use: ['helpful'], switching } }, { tools: [] });
      // Token and line end are read by the model, too.
      const left = 256 - (longest(wordings) - 2);
      expect(await of(left, 'trigger')).toEqual([]);
      expect((await of(left + 1, 'trigger')).map(({ found }) => found)).toEqual([String(left + 1)]);
      expect((await of(left, 'adapters')).map(({ found }) => found)).toEqual([String(left)]);
      expect(await of(left - 2, 'adapters')).toEqual([]);
    });

    test('a prompt that is longer than the context is refused by name, each where it is asked for', async () => {
      const { tools, personas } = await longTexts();
      expect(tools).toEqual([[`${AT}.tools.use`, 'the manual of search is longer than the model can read']]);
      expect(personas).toEqual([
        [`${AT}.personas.use`, 'the text of helpful is longer than the model can read'],
      ]);
    });

    async function longTexts() {
      const context = (contextLength: number) => {
        const { config } = run.start;
        const hyperparameters = { ...config.hyperparameters, contextLength };
        return { ...run.start, config: { ...config, hyperparameters } };
      };
      const short = { bake: bakeOf(8), examination: { taskTokens: 1 } };
      const lessons = { training: { ...TINY_BAKE, length: 8 } };
      const namesOf = async (options: Options, tools: readonly string[], limit: number) =>
        (await problemsOf({ ...short, ...options }, { tools, model: context(limit) })).map(
          ({ at, message }) => [at, message],
        );
      const manual = longest(run.tools.get('search')!.manual.wordings);
      const text = longest(run.personas.get('helpful')!.texts.wordings);
      return {
        tools: await namesOf({ personas: { ...NONE, lessons } }, ['search'], manual),
        personas: await namesOf({ personas: { use: ['helpful'], switching: 'adapters', lessons } }, [], text),
      };
    }

    test('lessons and answers have their places in the context, too; all is told at once', async () => {
      const lessons = { training: { ...TINY_BAKE, length: 257 } };
      const problems = await problemsOf({
        bake: bakeOf(256),
        personas: { lessons },
        examination: { taskTokens: 256 },
      });
      expect(problems.map(({ at, found }) => [at, found])).toEqual([
        [`${AT}.bake.training.length`, '256'],
        [`${AT}.examination.taskTokens`, '256'],
        [`${AT}.personas.lessons.training.length`, '257'],
      ]);
    });

    test('stages leave rows as long as they are, and follow each other', async () => {
      const problems = await problemsOf({
        bake: bakeOf(160, { stages: [{ until: 0.5, length: 80 }] }),
        personas: {
          lessons: {
            training: { ...TINY_BAKE, stages: [{ until: 0.5 }, { until: 0.5 }] },
          },
        },
      });
      expect(problems.map(({ at }) => at)).toEqual([
        `${AT}.bake.training.stages[0].length`,
        `${AT}.personas.lessons.training.stages[1].until`,
      ]);
    });

    test('memory is of this machine: bakes and lessons that need more are refused', async () => {
      const problems = await problemsOf({}, { totalMemory: 1000 });
      expect(problems.map(({ at, message }) => [at, message])).toEqual([
        [`${AT}.bake.training`, 'a bake needs more memory than this machine has'],
        [`${AT}.personas.lessons.training`, 'lessons about personas need more memory than this machine has'],
      ]);
      const without = await problemsOf(
        { personas: { lessons: { steps: 0 } }, tools: {} },
        { totalMemory: 1000, tools: [] },
      );
      expect(without.map(({ at }) => at)).toEqual([`${AT}.bake.training`]);
      expect(await problemsOf({ personas: NONE }, { totalMemory: 1000, tools: [] })).toEqual([]);
    });

    test('the phase says so before it measures anything', async () => {
      const { problems } = await refusal({ bake: bakeOf(256) });
      expect(problems.map(({ at }) => at)).toEqual([`${AT}.bake.training.length`]);
    });
  });
});
