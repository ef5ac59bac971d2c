import type { RunReport } from '../../../core/kernel/types.js';
import { byteBpe, cognate, llama, muGrokfast, onnxruntime, titansMag } from '../../../plugins/index.js';
import { createTestKernel, type TestKernel } from '../../../testing/index.js';
import { counting, sums, TINY_CONFIG, tinyCognate } from '../../support/tiny-cognate.js';

const plugins = [
  ...[onnxruntime({ threads: 1 }), titansMag(), llama(), muGrokfast(), byteBpe()],
  ...[counting(), sums()],
];
const config = { seed: TINY_CONFIG.seed! };

/** Six updates: two of one step on short rows, two of either number of steps, two of the whole shape. */
const STAGES = [
  { until: 2 / 6, rows: 4, length: 8, steps: 1 },
  { until: 4 / 6, steps: [1, 2] },
];

function staged(stages: readonly object[] = STAGES, more: Parameters<typeof tinyCognate>[0] = {}) {
  const options = tinyCognate(more);
  // Each update is saved, so that a pause leaves in the middle of a stage.
  return tinyCognate({
    ...more,
    training: { ...options.training, accumulation: 2, checkpointEvery: 1, stages: [...stages] as never },
  });
}

const open = (options: ReturnType<typeof tinyCognate>, folder?: string): Promise<TestKernel> =>
  createTestKernel({
    ...(folder === undefined ? {} : { folder }),
    ...{ plugins, pipeline: [cognate(options)], config },
  });

const hashes = (report: RunReport): string[] =>
  report.phases[0]!.result!.models.map((model) => model.weights.sha256);

describe('a run in stages', () => {
  let bench: TestKernel;
  let report: RunReport;
  beforeAll(async () => {
    bench = await open(staged());
    report = await bench.kernel.run();
  });
  afterAll(() => bench.dispose());

  /** Updates of the trunk and of the first model at which a metric was told. */
  const told = (name: string): number[] =>
    bench.events.flatMap((event) =>
      event.type === 'metric' &&
      event.name === name &&
      ['trunk', 'reasoning'].includes(event.labels?.['model'] ?? '')
        ? [event.step!]
        : [],
    );

  it('measures each recursion step where it was run, and nowhere else', () => {
    expect(report.error).toBeNull();
    expect(told('loss/step_0')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(told('loss/step_1').filter((step) => step !== 3 && step !== 4)).toEqual([5, 6]);
    expect(told('act/halt_prob_step1')).toEqual(told('loss/step_1'));
    expect(told('train/tokens')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(told('act/acc_step1')).toEqual(told('loss/step_1'));
  });

  it.each([1, 2, 3, 4, 5])('a pause after update %i changes no bit', async (update) => {
    const paused = await open(staged());
    paused.kernel.hooks.onEvent.tap('pause', (event) => {
      const here = update <= 3 ? 'trunk' : 'model_1';
      if (event.type === 'metric' && event.name === `${here}/train/loss` && event.step === update)
        paused.kernel.requestPause();
    });
    const { sessionId, status } = await paused.kernel.run();
    expect(status).toBe('paused');
    await paused.kernel.dispose();
    const resumed = await open(staged(), paused.folder);
    expect(hashes(await resumed.kernel.run({ resume: sessionId }))).toEqual(hashes(report));
    await resumed.dispose();
  });
});

it('names what cannot be before anything is trained', async () => {
  const bench = await open(
    staged([
      { until: 0.5, steps: [1, 3] },
      { until: 0.4, length: 12 },
    ]),
  );
  const { problems } = await bench.kernel.plan();
  const at = 'phases.cognate.training.stages';
  expect(problems.map((problem) => problem.at)).toEqual([
    `${at}[0].steps`,
    `${at}[1].until`,
    `${at}[1].length`,
  ]);
  const error = await bench.kernel.run().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'AF_PLAN_INVALID', exitCode: 2 });
  await bench.dispose();
});

it('asks a model without recursion for the one step that it has, and for no more', async () => {
  for (const [steps, found] of [
    [1, []],
    [2, ['phases.cognate.training.stages[0].steps']],
  ] as const) {
    const bench = await open(
      staged([{ until: 0.5, steps }], { model: { architecture: 'llama', size: 'micro' } }),
    );
    const { problems } = await bench.kernel.plan();
    expect(problems.map(({ at }) => at)).toEqual(found);
    await bench.dispose();
  }
});

it('tells the tokens of every stage in the plan', async () => {
  const bench = await open(staged([{ until: 0.5, rows: 1 }]));
  const { phases } = await bench.kernel.plan();
  expect(phases[0]!.facts['tokens per update']).toBe('32 to 50 %, then 64');
  await bench.dispose();
});
