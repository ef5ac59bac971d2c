import type { Handoff } from '../../../../core/contracts/handoff.js';
import { isForgeError, type ForgeError } from '../../../../core/errors/index.js';
import { curriculum } from '../../../../plugins/index.js';
import { prepare } from '../../../../plugins/phases/curriculum/prepare.js';
import { handoffPhase } from '../../../../testing/index.js';
import { TINY_FORGE, tinyCurriculum } from '../../../support/tiny-curriculum.js';
import { benchOf } from '../bitnet/support.js';
import { completeOptions, withTernary, type Options } from './support.js';

describe('the plan', () => {
  const plan = async (options: Options) => {
    const phases = [handoffPhase('bitnet-to-curriculum'), curriculum(tinyCurriculum(options))];
    const bench = await benchOf(phases);
    try {
      const { problems, warnings } = await bench.kernel.plan();
      return { problems, warnings };
    } finally {
      await bench.dispose();
    }
  };

  it('has no problems with the options of a tiny run', async () => {
    expect((await plan({})).problems).toEqual([]);
  });

  it('names generators that nothing provides, with what is meant', async () => {
    const { problems } = await plan({
      tasks: { generators: ['arithmetic-tasks', 'list-task'] },
      tools: { generator: 'tol-tasks' },
    });
    expect(problems).toEqual([
      expect.objectContaining({ at: 'phases.curriculum.tasks.generators[1]', suggestion: 'list-tasks' }),
      expect.objectContaining({ at: 'phases.curriculum.tools.generator', suggestion: 'tool-tasks' }),
    ]);
  });

  it('takes one concept of a generator, and names those that it has not', async () => {
    const { problems } = await plan({ tasks: { generators: ['arithmetic-tasks/sum', 'list-tasks/short'] } });
    expect(problems).toEqual([
      expect.objectContaining({
        at: 'phases.curriculum.tasks.generators[1]',
        message: 'is no concept of list-tasks',
        suggestion: 'list-tasks/sort',
      }),
    ]);
  });

  it('asks about tools with a generator that does, and puts manuals of tools that there are aside', async () => {
    const { problems } = await plan({
      tools: { generator: 'arithmetic-tasks', bystanders: ['serch', 'search'] },
    });
    expect(problems).toEqual([
      expect.objectContaining({
        at: 'phases.curriculum.tools.generator',
        message: 'does not ask about tools',
      }),
      expect.objectContaining({ at: 'phases.curriculum.tools.bystanders[0]', suggestion: 'search' }),
    ]);
  });

  it('refuses shares of more than everything', async () => {
    const { problems } = await plan({
      data: { thoughts: 0.8, replay: 0.3 },
      tools: { generator: null, without: 0.7, other: 0.4 },
    });
    expect(problems.map(({ at }) => at)).toEqual(['phases.curriculum.data', 'phases.curriculum.tools']);
  });

  it('warns of tools that levels alone are to teach', async () => {
    const { warnings } = await plan({
      tools: { generator: 'tool-tasks' },
      forge: { steps: 0, training: TINY_FORGE },
    });
    expect(warnings).toContainEqual(expect.stringMatching(/forge\.steps is 0/));
  });
});

describe('the plan of a comparison', () => {
  const problemsOf = async (comparison: Options['comparison']) => {
    const phases = [handoffPhase('bitnet-to-curriculum'), curriculum(tinyCurriculum({ comparison }))];
    const bench = await benchOf(phases);
    try {
      return (await bench.kernel.plan()).problems;
    } finally {
      await bench.dispose();
    }
  };
  const AT = 'phases.curriculum.comparison';

  it('has no problems with nothing but its defaults', async () => {
    expect(await problemsOf({})).toEqual([]);
  });

  it('names optimizers that nothing provides, and options that one does not have', async () => {
    const arms = { 'filter-on': { options: { lamda: 2 } }, 'filter-off': { use: 'adamv' } };
    expect(await problemsOf({ arms })).toEqual([
      expect.objectContaining({ at: expect.stringContaining('lamda') as string, suggestion: 'lambda' }),
      expect.objectContaining({ at: `${AT}.arms.filter-off` }),
    ]);
  });

  it('says which role no arm has', async () => {
    const arms = { fast: { options: { lambda: 2 } }, slow: { options: { lambda: 0 } } };
    expect(await problemsOf({ arms, baseline: 'slo', subject: 'fast' })).toEqual([
      expect.objectContaining({ at: `${AT}.baseline`, expected: 'fast, slow', suggestion: 'slow' }),
    ]);
    expect(await problemsOf({ arms, baseline: 'slow', subject: 'slow' })).toEqual([
      expect.objectContaining({ at: `${AT}.subject`, expected: 'fast' }),
    ]);
  });

  it('wants updates that end with an evaluation', async () => {
    const [problem, ...none] = await problemsOf({ steps: 50, evaluateEvery: 20 });
    expect(none).toEqual([]);
    expect(problem).toMatchObject({ at: `${AT}.steps`, expected: 'a multiple of 20', found: '50' });
    expect(problem!.fix).toContain('60');
  });
});

/** What preparing says of the tiny handoff, changed. */
const refusal = (
  options: Options,
  change: (handoff: Handoff) => Handoff = (same) => same,
): Promise<ForgeError> =>
  withTernary(async (ctx, handoff) => {
    try {
      await prepare(ctx, await completeOptions(options), change(handoff));
    } catch (error) {
      if (isForgeError(error)) return error;
      throw error;
    }
    throw new Error('nothing was refused');
  });

it('a generator is prepared before it is asked: a service without a key says so at once', async () => {
  const { code, at } = await refusal({ tasks: { generators: ['openrouter-tasks'] } });
  expect([code, at]).toEqual(['AF_TASK_KEY', expect.any(String)]);
});

it('a handoff without latents is refused', async () => {
  const error = await refusal({}, (handoff) => ({ ...handoff, models: handoff.models.slice(1) }));
  expect(error.code).toBe('AF_HANDOFF_INVALID');
  expect(error.message).toMatch(/no latent weights/);
});

it('rows that are longer than the context are refused', async () => {
  const error = await refusal({ forge: { steps: 4, training: { ...TINY_FORGE, length: 64 } } });
  expect(error.code).toBe('AF_CONFIG_INVALID');
  expect(error.problems).toEqual([
    expect.objectContaining({ at: 'phases.curriculum.forge.training.length', found: '64' }),
  ]);
});
