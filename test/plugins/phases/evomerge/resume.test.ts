import type { Handoff } from '../../../../core/contracts/handoff.js';
import type { RunReport } from '../../../../core/kernel/types.js';
import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import { evomerge } from '../../../../plugins/index.js';
import { createTestKernel, handoffPhase, type TestKernel, tinyDataset } from '../../../../testing/index.js';
import { TINY_CONFIG } from '../../../support/tiny-cognate.js';
import { tinyEvomerge } from '../../../support/tiny-evomerge.js';

const GENERATIONS = 10;

function bench(options: Parameters<typeof tinyEvomerge>[0], folder?: string): Promise<TestKernel> {
  return createTestKernel({
    builtins: BUILTIN_PLUGINS,
    plugins: [tinyDataset()],
    pipeline: [
      handoffPhase('cognate-to-evomerge'),
      evomerge(tinyEvomerge({ generations: GENERATIONS, ...options })),
    ],
    config: { ...TINY_CONFIG, sinks: [] },
    ...(folder === undefined ? {} : { folder }),
  });
}

const phaseOf = (report: RunReport) => report.phases.find(({ name }) => name === 'evomerge')!;

function outcome(
  report: RunReport,
  events: TestKernel['events'],
): { champion: string; handoff: Handoff; history: unknown } {
  if (report.error !== null) throw report.error;
  const { models, handoff } = phaseOf(report).result!;
  const history = events.flatMap((event) =>
    event.type === 'metric' &&
    /^generation_\d+\/(best|avg|std)_fitness$|^evolution\/diversity$/.test(event.name)
      ? [`${event.name} ${event.step} ${String(event.value)}`]
      : [],
  );
  return { champion: models[0]!.weights.sha256, handoff: handoff!, history };
}

describe.each([
  ['elite', { strategy: 'elite' as const }],
  ['cma-es', { strategy: 'cma-es' as const }],
])('%s', (_, options) => {
  test(`${GENERATIONS} generations straight give the same as ${GENERATIONS / 2}, a pause and the rest`, async () => {
    const straight = await bench(options);
    const whole = outcome(await straight.kernel.run(), straight.events);
    await straight.dispose();

    const first = await bench(options);
    first.kernel.hooks.onEvent.tap('pause', (event) => {
      if (event.type === 'metric' && event.name === 'evolution/generation' && event.value === GENERATIONS / 2)
        first.kernel.requestPause();
    });
    const paused = await first.kernel.run();
    expect(paused.status).toBe('paused');
    await first.kernel.dispose();

    const second = await bench(options, first.folder);
    const resumed = outcome(await second.kernel.run({ resume: paused.sessionId }), [
      ...first.events,
      ...second.events,
    ]);
    await second.dispose();
    await first.dispose();

    expect(resumed.champion).toBe(whole.champion);
    expect(resumed.history).toEqual(whole.history);
    expect(resumed.handoff.facts['fitness']).toBe(whole.handoff.facts['fitness']);
  });
});
