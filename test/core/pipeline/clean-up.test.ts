import { createTestKernel, type TestKernel } from '../../../testing/kernel.js';
import { countingPhase, script } from '../support/toys.js';

const LONG_AGO = '2020-01-01T00:00:00.000Z';

/** Ids of the sessions left after a run beside one that ended years ago, and one as old that is pinned. */
async function survivors(cleanup: object): Promise<{ old: boolean; pinned: boolean; now: boolean }> {
  const first = countingPhase('first', script(), { first: true });
  const test: TestKernel = await createTestKernel({ pipeline: [first()], config: { cleanup } });
  const registry = await test.kernel.registry();
  const [old, pinned] = [await test.kernel.run(), await test.kernel.run()];
  await registry.updateSession(old.sessionId, { ended_at: LONG_AGO });
  await registry.updateSession(pinned.sessionId, { ended_at: LONG_AGO, pinned: true });
  const now = await test.kernel.run();
  expect(now.status).toBe('completed');
  const left = new Set((await registry.sessions()).map(({ id }) => id));
  await test.dispose();
  return { old: left.has(old.sessionId), pinned: left.has(pinned.sessionId), now: left.has(now.sessionId) };
}

test('a completed run removes what the policy lets go, and nothing else', async () => {
  expect(await survivors({ auto: true })).toEqual({ old: false, pinned: true, now: true });
});

test('nothing is removed unless the config asks for it', async () => {
  expect(await survivors({})).toEqual({ old: true, pinned: true, now: true });
});

test('the session that has just ended stays, however strict the policy is', async () => {
  const first = countingPhase('first', script(), { first: true });
  const test = await createTestKernel({
    pipeline: [first()],
    config: { cleanup: { auto: true, completedDays: 0 } },
  });
  await test.kernel.run();
  const { sessionId } = await test.kernel.run();
  const registry = await test.kernel.registry();
  expect((await registry.sessions()).map(({ id }) => id)).toEqual([sessionId]);
  await test.dispose();
});
