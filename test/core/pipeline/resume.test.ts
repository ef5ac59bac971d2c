import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ForgeConfig } from '../../../core/contracts/index.js';
import { ForgeError, isForgeError } from '../../../core/errors/index.js';
import type { RunReport } from '../../../core/kernel/types.js';
import { createTestKernel, type TestKernel, type TestKernelOptions } from '../../../testing/kernel.js';
import { buryLock, Life, mortalStores } from '../support/mortal.js';
import { countingPhase, script, type ToyScript } from '../support/toys.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentforge-resume-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Two phases of two steps and one. */
function kernel(
  toy: ToyScript = script(),
  options: TestKernelOptions = {},
  config: ForgeConfig = {},
): Promise<TestKernel> {
  const first = countingPhase('first', toy, { first: true });
  const second = countingPhase('second', toy, { first: false });
  return createTestKernel({
    folder,
    pipeline: [first({ steps: 2 }), second({ steps: 1 })],
    config,
    ...options,
  });
}

function hashes(report: RunReport): unknown[] {
  return report.phases.map(({ result }) => result?.models.map(({ weights }) => weights.sha256));
}

async function failure(work: Promise<unknown>): Promise<ForgeError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isForgeError(error)) throw new Error(`expected a ForgeError, got ${String(error)}`);
  return error;
}

async function unbroken(): Promise<RunReport> {
  const test = await createTestKernel({
    pipeline: [
      countingPhase('first', script(), { first: true })({ steps: 2 }),
      countingPhase('second', script(), { first: false })({ steps: 1 }),
    ],
  });
  const report = await test.kernel.run();
  await test.dispose();
  return report;
}

describe('pause and resume', () => {
  it('stops at a pause point with a checkpoint, and the rest gives what an unbroken run gives', async () => {
    const controller = new AbortController();
    const toy = script((step) => {
      if (step === 1) controller.abort();
    });
    const paused = await kernel(toy);
    const report = await paused.kernel.run({ signal: controller.signal });
    expect(report).toMatchObject({
      status: 'paused',
      error: null,
      phases: [{ status: 'paused' }, { status: 'pending' }],
    });
    const [session] = await paused.kernel.sessions();
    expect(session).toMatchObject({
      status: 'paused',
      current_phase: 'first',
      progress_percent: 50,
      ended_at: null,
    });
    await paused.dispose();

    const rest = script();
    const resumed = await kernel(rest);
    const final = await resumed.kernel.run({ resume: 'latest' });
    expect(final.sessionId).toBe(report.sessionId);
    expect(final.status).toBe('completed');
    expect([...toy.steps, ...rest.steps]).toEqual(['first:0', 'first:1', 'second:0']);
    expect(hashes(final)).toEqual(hashes(await unbroken()));
    await resumed.dispose();
  });

  it('pauses between phases when a phase has no pause point left, and skips what is done', async () => {
    const toy = script();
    const test = await kernel(toy);
    test.kernel.hooks.onAfterPhase.tap('test', () => test.kernel.requestPause());
    const report = await test.kernel.run();
    expect(report.phases.map(({ status }) => status)).toEqual(['completed', 'pending']);
    expect(report.status).toBe('paused');
    await test.dispose();
    const resumed = await kernel();
    const final = await resumed.kernel.run({ resume: report.sessionId });
    expect(final.phases.map(({ status }) => status)).toEqual(['skipped', 'completed']);
    expect(hashes(final)).toEqual(hashes(await unbroken()));
    await resumed.dispose();
  });

  it('does nothing for a completed session but tell its results', async () => {
    const test = await kernel();
    const report = await test.kernel.run();
    const again = await test.kernel.run({ resume: report.sessionId });
    expect(again).toMatchObject({
      status: 'completed',
      phases: [{ status: 'skipped' }, { status: 'skipped' }],
    });
    expect(hashes(again)).toEqual(hashes(report));
    expect(await failure(test.kernel.run({ resume: 'latest' }))).toMatchObject({
      code: 'AF_SESSION_NOT_FOUND',
    });
    await test.dispose();
  });

  it('names the nearest session when there is none of that id', async () => {
    const test = await kernel();
    const { sessionId } = await test.kernel.run();
    const error = await failure(test.kernel.run({ resume: `${sessionId}1` }));
    expect(error.code).toBe('AF_SESSION_NOT_FOUND');
    expect(error.fix).toContain(sessionId);
    await test.dispose();
  });
});

describe('a killed run', () => {
  it('resumes to the same result wherever it was killed', async () => {
    const wanted = hashes(await unbroken());
    const whole = new Life(Infinity);
    const survivor = await kernel(script(), { builtins: mortalStores(whole), folder: join(folder, 'whole') });
    await survivor.kernel.run();
    await survivor.dispose();
    expect(whole.written).toBeGreaterThan(20);
    const lifetimes = Array.from({ length: whole.written - 1 }, (_, index) => index + 1);
    // Waiting for the disk is most of the work: several at a time.
    const lane = async (): Promise<void> => {
      for (let lifetime = lifetimes.shift(); lifetime !== undefined; lifetime = lifetimes.shift())
        await killedAfter(lifetime, wanted);
    };
    await Promise.all(Array.from({ length: 8 }, lane));
  });

  async function killedAfter(lifetime: number, wanted: unknown): Promise<void> {
    const place = join(folder, String(lifetime));
    const life = new Life(lifetime);
    const victim = await kernel(script(), { builtins: mortalStores(life), folder: place });
    void victim.kernel.run();
    await life.death;
    await buryLock(place, life.sessionId!);
    const heir = await kernel(script(), { folder: place });
    const [session] = await heir.kernel.sessions();
    if (session !== undefined && session.status !== 'completed') expect(session.status).toBe('interrupted');
    const final = await heir.kernel.run(session === undefined ? {} : { resume: session.id });
    expect({ lifetime, status: final.status, hashes: hashes(final) }).toEqual({
      lifetime,
      status: 'completed',
      hashes: wanted,
    });
    expect((await heir.kernel.sessions())[0]).toMatchObject({ status: 'completed', progress_percent: 100 });
    await heir.dispose();
  }
});

describe('a full disk', () => {
  it('fails the run with what was durable kept, wherever it happens, and the run can be gone on with', async () => {
    const wanted = hashes(await unbroken());
    for (const lifetime of [4, 8, 12, 20]) {
      const place = join(folder, String(lifetime));
      const full = new Life(lifetime, () =>
        Promise.reject(new ForgeError('AF_STORAGE_FULL', 'The disk is full.')),
      );
      const victim = await kernel(script(), { builtins: mortalStores(full), folder: place });
      const report = await victim.kernel.run();
      expect(report).toMatchObject({ status: 'failed', error: { code: 'AF_STORAGE_FULL' } });
      expect(report.warnings.join('\n')).toContain('Could not record the end of the run: The disk is full.');
      await victim.dispose();
      await buryLock(place, report.sessionId);
      const heir = await kernel(script(), { folder: place });
      const final = await heir.kernel.run({ resume: report.sessionId });
      expect({ lifetime, hashes: hashes(final) }).toEqual({ lifetime, hashes: wanted });
      await heir.dispose();
    }
  });
});

describe('what a resumed session must still have', () => {
  async function pausedSession(invocation: string[] = []): Promise<string> {
    const test = await kernel(
      script((step, context) => (step === 1 ? context.pausePoint(async () => undefined) : undefined)),
    );
    const controller = new AbortController();
    controller.abort();
    const { sessionId } = await test.kernel.run({ signal: controller.signal, invocation });
    await test.dispose();
    return sessionId;
  }

  it('refuses a changed config and lists what differs', async () => {
    const id = await pausedSession(['--seed', '42']);
    const test = await kernel(script(), {}, { seed: 7, phases: { second: { by: 3 } } });
    const error = await failure(test.kernel.run({ resume: id }));
    expect(error.code).toBe('AF_SESSION_CONFIG_CHANGED');
    expect(error.problems).toMatchObject([
      { at: 'seed', expected: '42', found: '7' },
      { at: 'pipeline.second.by', expected: '1', found: '3' },
    ]);
    expect(error.fix).toContain(`--resume ${id} --seed 42`);
    expect(await (await test.kernel.storage()).isLocked(id)).toBe(false);
    await test.dispose();
  });

  it('accepts changes that cannot change a result', async () => {
    const id = await pausedSession();
    const config: ForgeConfig = {
      sinks: [],
      gates: { policy: 'strict' },
      cleanup: { auto: false },
      storage: { keepCheckpoints: 1 },
    };
    const test = await kernel(script(), {}, config);
    expect((await test.kernel.run({ resume: id })).status).toBe('completed');
    await test.dispose();
  });

  it('refuses damaged stored results and says from where to go on', async () => {
    const test = await kernel();
    test.kernel.hooks.onAfterPhase.tap('test', () => test.kernel.requestPause());
    const { sessionId, phases } = await test.kernel.run();
    const { artifacts } = await test.kernel.storage();
    await writeFile(artifacts.path(phases[0]!.result!.models[0]!.weights), 'total 0');
    await test.dispose();
    const resumed = await kernel();
    const error = await failure(resumed.kernel.run({ resume: sessionId }));
    expect(error).toMatchObject({ code: 'AF_ARTIFACT_CORRUPT' });
    expect(error.message).toContain('"first"');
    await resumed.dispose();
  });

  it('refuses a session that another run holds', async () => {
    let release: () => void = () => undefined;
    const gateOpen = new Promise<void>((resolve) => {
      release = resolve;
    });
    let inside: () => void = () => undefined;
    const entered = new Promise<void>((resolve) => {
      inside = resolve;
    });
    const holder = await kernel(
      script(() => {
        inside();
        return gateOpen;
      }),
    );
    const running = holder.kernel.run();
    await entered;
    const other = await kernel();
    const [session] = await other.kernel.sessions();
    expect(session!.status).toBe('running');
    expect(await failure(other.kernel.run({ resume: session!.id }))).toMatchObject({
      code: 'AF_SESSION_LOCKED',
    });
    expect(await failure(other.kernel.run({ resume: 'latest' }))).toMatchObject({
      code: 'AF_SESSION_NOT_FOUND',
    });
    release();
    expect((await running).status).toBe('completed');
    await other.dispose();
    await holder.dispose();
  });
});

describe('rollback', () => {
  it('keeps the phase, marks later ones and repeats them', async () => {
    const toy = script();
    const test = await kernel(toy);
    const { sessionId } = await test.kernel.run();
    const heard: unknown[] = [];
    test.kernel.hooks.onRollback.tap('test', (facts) => void heard.push(facts));
    expect(await test.kernel.rollback(sessionId, 'first')).toEqual({
      sessionId,
      toPhase: 'first',
      rolledBack: ['second'],
    });
    expect(heard).toEqual([{ sessionId, toPhase: 'first' }]);
    const registry = await test.kernel.registry();
    expect(await registry.session(sessionId)).toMatchObject({
      status: 'paused',
      progress_percent: 50,
      current_phase: 'first',
    });
    expect((await registry.phases(sessionId)).map(({ status }) => status)).toEqual([
      'completed',
      'rolled-back',
    ]);
    const again = await test.kernel.run({ resume: sessionId });
    expect(again.status).toBe('completed');
    expect(toy.steps).toEqual(['first:0', 'first:1', 'second:0', 'second:0']);
    await test.dispose();
  });

  it('goes back by --resume with --from, not before the first phase and not ahead', async () => {
    const toy = script();
    const test = await kernel(toy);
    const { sessionId } = await test.kernel.run();
    const again = await test.kernel.run({ resume: sessionId, from: 'second' });
    expect(again.phases.map(({ status }) => status)).toEqual(['skipped', 'completed']);
    expect(await failure(test.kernel.run({ resume: sessionId, from: 'first' }))).toMatchObject({
      code: 'AF_SESSION_NOT_RESUMABLE',
    });
    expect(await failure(test.kernel.run({ resume: sessionId, from: 'secnd' }))).toMatchObject({
      code: 'AF_PLUGIN_UNKNOWN',
      facts: { suggestion: 'second' },
    });
    expect(await failure(test.kernel.rollback(sessionId, 'third'))).toMatchObject({
      code: 'AF_SESSION_NOT_RESUMABLE',
    });
    await test.dispose();
  });
});
