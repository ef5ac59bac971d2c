import { setTimeout as sleep } from 'node:timers/promises';
import { PHASE_SECONDS } from '../../../core/contracts/metrics.js';
import { definePlugin } from '../../../core/contracts/index.js';
import { createTestKernel, type TestKernel } from '../../../testing/kernel.js';
import { countingPhase, script } from '../support/toys.js';

/** What the kernel records of a phase by itself: the time over all sittings, the models once. */

const STEP_MS = 60;

async function bench(steps: number, folder?: string, failAt?: number): Promise<TestKernel> {
  const toy = script(async (step) => {
    await sleep(STEP_MS);
    if (step === failAt) throw new Error('the toy broke');
  });
  return createTestKernel({
    pipeline: [countingPhase('first', toy, { first: true })({ steps })],
    ...(folder === undefined ? {} : { folder }),
  });
}

const secondsIn = ({ events }: TestKernel): unknown[] =>
  events.flatMap((event) => (event.type === 'metric' && event.name === PHASE_SECONDS ? [event.value] : []));

test('a paused phase keeps its start, and its seconds are those of both sittings', async () => {
  const first = await bench(4);
  first.kernel.hooks.onEvent.tap('pause', (event) => {
    if (event.type === 'metric' && event.step === 2) first.kernel.requestPause();
  });
  const { sessionId, status } = await first.kernel.run();
  expect(status).toBe('paused');
  const [before] = await (await first.kernel.registry()).phases(sessionId);
  await first.kernel.dispose();
  await sleep(2 * STEP_MS);

  const second = await bench(4, first.folder);
  const report = await second.kernel.run({ resume: sessionId });
  const [after] = await (await second.kernel.registry()).phases(sessionId);
  expect(after!.started_at).toBe(before!.started_at);
  const seconds = report.phases[0]!.result!.metrics[PHASE_SECONDS] as number;
  expect(secondsIn(second)).toEqual([seconds]);
  // Four steps of work; the second sitting alone has two of them.
  expect(seconds).toBeGreaterThanOrEqual(before!.duration_seconds! + (2 * STEP_MS) / 1000 - 0.005);
  expect(after!.duration_seconds).toBeGreaterThanOrEqual(seconds);
  await second.dispose();
});

test('what a sitting had done at its last checkpoint counts, however it ended', async () => {
  const test = await bench(4);
  const seen: (number | null)[] = [];
  test.kernel.hooks.onCheckpoint.tapPromise('look', async ({ sessionId }) => {
    const [record] = await (await test.kernel.registry()).phases(sessionId);
    seen.push(record!.duration_seconds);
  });
  await test.kernel.run();
  expect(seen).toHaveLength(4);
  seen.forEach((seconds, step) => {
    expect(seconds).toBeGreaterThanOrEqual(((step + 1) * STEP_MS) / 1000 - 0.005 * (step + 1));
  });
  await test.dispose();
});

test('the models of a result are registered and announced once, also where a later phase fails', async () => {
  const test = await createTestKernel({
    pipeline: [
      countingPhase('first', script(), { first: true })({ steps: 1 }),
      countingPhase(
        'second',
        script(() => Promise.reject(new Error('broke'))),
        { first: false },
      )({ steps: 1 }),
    ],
  });
  const { sessionId, status } = await test.kernel.run();
  expect(status).toBe('failed');
  const id = `first_model_${sessionId}`;
  expect((await (await test.kernel.registry()).models()).map((model) => model.id)).toEqual([id]);
  const told = test.events.flatMap((event) =>
    event.type === 'lifecycle' && event.event === 'model' ? [event.facts['id']] : [],
  );
  expect(told).toEqual([id]);
  await test.dispose();
});

test('a hook cannot hand on a model whose files are not stored', async () => {
  const weights = { sha256: 'f'.repeat(64), bytes: 1, name: 'model.safetensors' };
  const swap = definePlugin({
    name: 'swap',
    apply: (forge) =>
      forge.hooks.modifyHandoff.tap('swap', (handoff) => ({
        ...handoff,
        models: handoff.models.map((model) => ({ ...model, id: 'swapped', weights })),
      })),
  });
  const test = await createTestKernel({
    plugins: [swap()],
    pipeline: [countingPhase('first', script(), { first: true })({ steps: 1 })],
  });
  expect(await test.kernel.run()).toMatchObject({
    status: 'failed',
    error: { code: 'AF_PHASE_OUTPUT', problems: [{ at: 'model swapped', found: weights.sha256 }] },
  });
  await test.dispose();
});
