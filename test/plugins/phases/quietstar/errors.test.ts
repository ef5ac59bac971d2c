import { defineDataset } from '../../../../core/contracts/dataset.js';
import type { Handoff } from '../../../../core/contracts/handoff.js';
import { definePhase, type PhaseContext } from '../../../../core/contracts/phase.js';
import type { Plugin } from '../../../../core/contracts/plugin.js';
import { isForgeError, type ForgeError } from '../../../../core/errors/index.js';
import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import { quietstar } from '../../../../plugins/index.js';
import { prepare } from '../../../../plugins/phases/quietstar/prepare.js';
import { createTestKernel, handoffPhase, tinyDataset, tinyHandoff } from '../../../../testing/index.js';
import { TINY_CONFIG } from '../../../support/tiny-cognate.js';
import { tinyQuietstar, worked } from '../../../support/tiny-quietstar.js';
import { completeOptions } from './support.js';

type Options = Parameters<typeof tinyQuietstar>[0];

const benchOf = (pipeline: readonly Plugin[]) =>
  createTestKernel({
    builtins: BUILTIN_PLUGINS,
    pipeline,
    plugins: [tinyDataset(), worked(), untraced()],
    config: { ...TINY_CONFIG, sinks: [] },
  });

/** Sums whose records have no thought. */
const untraced = defineDataset({
  name: 'untraced',
  create: () => ({
    category: 'math',
    synthetic: true,
    load: () =>
      Promise.resolve(
        Array.from({ length: 60 }, (_, i) => ({
          text: `${i}+1= ${i + 1}`,
          input: `${i}+1=`,
          output: ` ${i + 1}`,
        })),
      ),
  }),
});

describe('the plan', () => {
  const plan = async (options: Options) => {
    const bench = await benchOf([handoffPhase('evomerge-to-quietstar'), quietstar(tinyQuietstar(options))]);
    try {
      const { problems, phases, warnings } = await bench.kernel.plan();
      return { problems, warnings, facts: phases.find(({ name }) => name === 'quietstar')!.facts };
    } finally {
      await bench.dispose();
    }
  };

  it('says what will be done', async () => {
    const { problems, facts, warnings } = await plan({});
    expect(problems).toEqual([]);
    expect(facts).toEqual({
      baking: 'traces',
      'updates of baking': 4,
      control: '4 updates without thoughts',
      'updates of step 2': 2,
      thoughts: '2 x 2 of 2 tokens',
      datasets: 'worked',
      questions: '8, and 4 of each further kind',
    });
    expect(warnings).toContainEqual(expect.stringMatching(/8 questions are too few .* 500/));
  });

  it('says how thoughts shrink', async () => {
    const shrink = [
      { until: 0.5, tokens: 8, talk: 4 },
      { until: 1, tokens: 0 },
    ];
    const { quiet } = tinyQuietstar();
    const { problems, facts } = await plan({ quiet: { ...quiet, shrink } });
    expect([problems, facts['thoughts']]).toEqual([[], '2 x 2 of 8, then 0 tokens']);
  });

  it.each([
    [
      [
        { until: 0.95, tokens: 8 },
        { until: 1, tokens: 0 },
      ],
      '[1].until',
      /in this stage/,
    ],
    [
      [
        { until: 0.05, tokens: 8 },
        { until: 1, tokens: 0 },
      ],
      '[0].until',
      /in this stage/,
    ],
    [[{ until: 0.95, tokens: 8 }], '[0].until', /left for thoughts\.tokens/],
  ])('refuses a stage without an update', async (shrink, at, message) => {
    const { quiet } = tinyQuietstar();
    const { problems } = await plan({ quiet: { ...quiet, steps: 8, shrink } });
    expect(problems).toEqual([
      expect.objectContaining({
        at: `phases.quietstar.quiet.shrink${at}`,
        message: expect.stringMatching(message),
      }),
    ]);
    expect((await plan({ quiet: { ...quiet, steps: 80, shrink } })).problems).toEqual([]);
  });

  it('says how strongly and how often is baked', async () => {
    expect((await plan({ baking: { steps: 4, strength: 0.5 } })).facts).toMatchObject({
      'updates of baking': 4,
      'strength of baking': 0.5,
    });
    expect((await plan({ baking: { steps: 4, rounds: 3 } })).facts).toMatchObject({
      'updates of baking': 'at most 3 x 4',
      control: 'at most 3 x 4 updates without thoughts',
    });
  });

  it('names everything that nothing provides', async () => {
    const { problems } = await plan({
      data: { datasets: ['worked', 'reasonin'] },
      baking: { use: 'trace', optimizer: { use: 'adam' } },
      quiet: { optimizer: { use: 'muon-grok' } },
    });
    expect(problems.map(({ at }) => at)).toEqual([
      'phases.quietstar.data.datasets[1]',
      'phases.quietstar.baking',
      'phases.quietstar.baking.optimizer',
      'phases.quietstar.quiet.optimizer',
    ]);
    expect(problems[0]!.fix).toMatch(/reasoning/);
  });

  it.each<[string, Options, string]>([
    ['no tokens for thoughts', { data: { direct: 0.5, replay: 0.5 } }, 'data'],
    ['one thought at a place', { thoughts: { samples: 1 } }, 'thoughts.samples'],
    ['a talk longer than a row', { thoughts: { talk: 256 }, quiet: { steps: 1 } }, 'thoughts.talk'],
    [
      'stages of step 2',
      { quiet: { training: { stages: [{ until: 0.5, rows: 1 }] } } },
      'quiet.training.stages',
    ],
    ...(
      [
        [[{ until: 0.5, tokens: 1 }], '[0].tokens'],
        [
          [
            { until: 0.5, tokens: 4 },
            { until: 0.4, tokens: 3 },
          ],
          '[1].until',
        ],
        [
          [
            { until: 0.5, tokens: 3 },
            { until: 0.6, tokens: 4 },
          ],
          '[0].tokens',
        ],
        [[{ until: 0.5, tokens: 3, talk: 24 }], '[0].talk'],
        [[{ until: 0.5, tokens: 0 }], '[0].tokens'],
      ] as const
    ).map(([shrink, at]): [string, Options, string] => [
      `a curriculum whose ${at} is not in order`,
      { quiet: { steps: 8, training: { length: 24 }, shrink: [...shrink] } },
      `quiet.shrink${at}`,
    ]),
    ['a part of several rounds', { baking: { strength: 0.5, rounds: 2 } }, 'baking.strength'],
    ['a method that bakes a prompt, without one', { baking: { use: 'prompts' } }, 'baking.prompt'],
  ])('refuses %s', async (_, options, at) => {
    const { problems } = await plan(options);
    expect(problems.map((problem) => problem.at)).toEqual([`phases.quietstar.${at}`]);
  });

  it('lets a single thought be where there is no second step', async () => {
    const { problems, warnings } = await plan({ thoughts: { samples: 1 }, quiet: { steps: 0 } });
    expect(problems).toEqual([]);
    expect(warnings).toHaveLength(1);
  });

  it.each<[Options, RegExp]>([
    [{ quiet: { policyWeight: 0 } }, /never reinforced/],
    [{ thoughts: { positions: 100 } }, /has room for \d+ thoughts/],
  ])('warns of what is hardly meant', async (options, warning) => {
    expect((await plan(options)).warnings).toContainEqual(expect.stringMatching(warning));
  });
});

/** What preparing says of a handoff, with the champion's handoff changed. */
async function refusal(
  options: Options,
  change: (handoff: Handoff) => Handoff = (same) => same,
): Promise<ForgeError> {
  const complete = await completeOptions(options);
  let found: unknown;
  const asks = definePhase({
    name: 'asks',
    create: () => ({
      ...{ title: 'Asks', input: null, output: null, metrics: [], gates: [] },
      run: async (ctx: PhaseContext) => {
        const { seed, sessionId: session, configHash } = ctx;
        const handoff = await tinyHandoff('evomerge-to-quietstar', ctx.store, { seed, session, configHash });
        await prepare(ctx, complete, change(handoff)).catch((error: unknown) => (found = error));
        return { models: [], metrics: {}, gates: [], handoff: null, warnings: [] };
      },
    }),
  });
  const bench = await benchOf([asks()]);
  try {
    await bench.kernel.run();
  } finally {
    await bench.dispose();
  }
  if (!isForgeError(found)) throw found ?? new Error('nothing was refused');
  return found;
}

describe('before anything is trained', () => {
  it('data without thoughts is refused', async () => {
    const error = await refusal({ data: { datasets: ['untraced'] } });
    expect(error.code).toBe('AF_DATA_TOO_SMALL');
    expect(error.message).toMatch(/^untraced: too few records/);
    expect(error.at).toBe('phases.quietstar.data.datasets');
    expect(error.fix).toMatch(/metadata\.trace/);
  });

  it('a champion without a tokenizer is refused', async () => {
    const error = await refusal({}, (handoff) => ({
      ...handoff,
      models: handoff.models.map((model) => ({ ...model, tokenizer: null })),
    }));
    expect(error.code).toBe('AF_HANDOFF_INVALID');
    expect(error.message).toMatch(/no tokenizer/);
  });

  it('rows and thoughts that are longer than the context are refused, all of them at once', async () => {
    const error = await refusal({
      thoughts: { tokens: 8, talk: 2, samples: 2, positions: 2 },
      examination: { items: 8, thoughtTokens: 30, answerTokens: 3 },
      baking: { training: { length: 64 } },
    });
    expect(error.code).toBe('AF_CONFIG_INVALID');
    expect(error.problems.map(({ at, expected, found }) => [at, expected, found])).toEqual([
      ['phases.quietstar.baking.training.length', 'at most 32 (its context)', '64'],
      ['phases.quietstar.thoughts.tokens', 'at most 32 (its context)', '24 + 8 + 1'],
      ['phases.quietstar.examination.thoughtTokens', 'at most 32 (its context)', '36'],
    ]);
    expect(error.problems.every(({ fix }) => fix!.includes('lower'))).toBe(true);
  });

  it('more thoughts than there is memory for are refused', async () => {
    const error = await refusal({ thoughts: { tokens: 2, talk: 2, samples: 4000, positions: 100 } });
    expect(error.code).toBe('AF_CONFIG_INVALID');
    expect(error.problems).toEqual([
      expect.objectContaining({
        at: 'phases.quietstar.thoughts',
        message: '4000 x 100 thoughts of a row need more memory than this machine has',
        fix: expect.stringMatching(/lower thoughts\.samples, thoughts\.positions/),
      }),
    ]);
  });
});

test('a champion that says nothing of what was held out is refused', async () => {
  const { fix, code } = await refusal({}, (handoff) => ({ ...handoff, data: null }));
  expect([code, typeof fix]).toEqual(['AF_HANDOFF_INVALID', 'string']);
});
