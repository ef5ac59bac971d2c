import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definePhase, type Phase } from '../../../core/contracts/index.js';
import { isForgeError, type ForgeError } from '../../../core/errors/index.js';
import { createTestKernel, type TestKernel, type TestKernelOptions } from '../../../testing/kernel.js';
import { CountHandoff, countingPhase, resultOf, script } from '../support/toys.js';

const GB = 1e9;
let folder: string;
const opened: TestKernel[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentforge-plan-'));
});
afterEach(async () => {
  for (const test of opened.splice(0)) await test.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function boot(options: TestKernelOptions): Promise<TestKernel['kernel']> {
  const test = await createTestKernel({
    folder,
    machine: { totalMemory: 8 * GB, availableMemory: 2 * GB },
    ...options,
  });
  opened.push(test);
  return test.kernel;
}

async function failure(work: Promise<unknown>): Promise<ForgeError> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (!isForgeError(error)) throw new Error(`expected a ForgeError, got ${String(error)}`);
  return error;
}

function phase(name: string, shape: Partial<Phase> = {}) {
  return definePhase({
    name,
    create: () => ({
      title: name,
      input: null,
      output: null,
      metrics: [],
      gates: [],
      run: () => Promise.resolve(resultOf()),
      ...shape,
    }),
  })();
}

const needing = (name: string, memoryBytes: number, diskBytes = 0) =>
  phase(name, {
    plan: () => Promise.resolve({ facts: { parameters: 25_900_801 }, memoryBytes, diskBytes, problems: [] }),
  });

describe('a plan', () => {
  it('refuses metrics that are neither a pattern nor described', async () => {
    const own = { name: 'x/share', unit: 'fraction', description: 'Share of x' };
    const metrics = ['train/loss', own, { name: 'x/size' }, 7] as unknown as Phase['metrics'];
    const plan = await (await boot({ pipeline: [phase('a', { metrics })] })).plan();
    expect(plan.problems.map(({ at, message }) => `${at} ${message}`)).toEqual([
      'phase a: metrics[2] is no metric',
      'phase a: metrics[3] is no metric',
    ]);
  });

  it('tells facts and needs, and starts nothing', async () => {
    const kernel = await boot({ pipeline: [needing('a', 1 * GB, 2e6), needing('b', 3 * GB, 1e6)] });
    const plan = await kernel.plan();
    expect(plan).toMatchObject({
      phases: [
        { name: 'a', action: 'run', facts: { parameters: 25_900_801 }, memoryBytes: 1 * GB },
        { name: 'b', action: 'run' },
      ],
      memory: { needed: 3 * GB, total: 8 * GB, available: 2 * GB },
      disk: { needed: 3e6, free: expect.any(Number) },
      input: null,
      problems: [],
      warnings: ['Phase "b" needs 3.0 GB of memory and 2.0 GB are free now.'],
    });
    expect(await kernel.sessions()).toEqual([]);
  });

  it('knows nothing of a phase that says nothing: unknown is null, never 0; and passes warnings on', async () => {
    const asking = phase('b', {
      plan: () =>
        Promise.resolve({
          ...{ facts: {}, memoryBytes: null, diskBytes: null, problems: [] },
          ...{ unknown: 'not known before the models are there', warnings: ['an odd mix'] },
        }),
    });
    const kernel = await boot({ pipeline: [needing('a', 1 * GB, 2e6), asking, phase('c', {})] });
    const plan = await kernel.plan();
    expect(plan.phases.slice(1)).toMatchObject([
      { memoryBytes: null, diskBytes: null, unknown: 'not known before the models are there' },
      { memoryBytes: null, diskBytes: null, unknown: 'not known: the phase does not say' },
    ]);
    expect(plan.memory.needed).toBe(1 * GB);
    expect(plan.warnings).toContain('b: an odd mix');
    const silent = await boot({ pipeline: [phase('c', {})] });
    expect(await silent.plan()).toMatchObject({ memory: { needed: null }, disk: { needed: null } });
  });

  it('lists every problem at once, and a run refuses to start', async () => {
    const problems = [{ at: 'phases.c.maxSteps', message: 'too many' }];
    const kernel = await boot({
      pipeline: [
        needing('a', 9 * GB, 1e18),
        phase('b', { input: CountHandoff }),
        phase('c', { plan: () => Promise.resolve({ facts: {}, memoryBytes: 0, diskBytes: 0, problems }) }),
        phase('d', { plan: () => Promise.reject(new Error('no luck')) }),
      ],
    });
    const plan = await kernel.plan();
    const wanted = [
      { at: 'phases.c.maxSteps', source: 'phase c' },
      { at: 'phase d', message: 'could not be planned: no luck' },
      {
        at: 'pipeline: a -> b',
        message: '"b" takes a handoff and "a" gives none',
        expected: 'agentforge:handoff/toy-count@1',
      },
      {
        at: 'phase a',
        message: 'needs more memory than this machine has',
        expected: 'at most 8.0 GB',
        found: '9.0 GB',
      },
      { at: 'storage.root', message: 'the disk has too little free space' },
    ];
    for (const problem of wanted) expect(plan.problems).toContainEqual(expect.objectContaining(problem));
    expect(plan.problems).toHaveLength(wanted.length);
    const error = await failure(kernel.run());
    expect(error).toMatchObject({ code: 'AF_PLAN_INVALID', exitCode: 2 });
    expect(error.problems).toHaveLength(wanted.length);
    expect(await kernel.sessions()).toEqual([]);
    expect(existsSync(join(folder, '.agentforge'))).toBe(false);
  });

  it('compares what phases give and take', async () => {
    const other = { type: 'object', properties: { schema: { enum: ['agentforge:handoff/other@1'] } } };
    const open = { type: 'object' };
    const kernel = await boot({
      pipeline: [
        phase('a', { output: other }),
        phase('b', { input: CountHandoff, output: open }),
        phase('c', { input: CountHandoff, output: CountHandoff }),
        phase('d', { input: CountHandoff }),
      ],
    });
    expect((await kernel.plan()).problems).toMatchObject([
      {
        at: 'pipeline: a -> b',
        expected: 'agentforge:handoff/toy-count@1',
        found: 'agentforge:handoff/other@1',
      },
    ]);
  });

  it('says that the first phase needs an input, that the pipeline is empty, and what is not there', async () => {
    expect(
      (await (await boot({ pipeline: [phase('a', { input: CountHandoff })] })).plan()).problems,
    ).toMatchObject([{ at: 'pipeline[0]' }]);
    const empty = await boot({});
    expect((await empty.plan()).problems).toMatchObject([
      { at: 'pipeline', message: expect.stringContaining('empty') },
    ]);
    expect((await empty.plan({ resume: 'nothing' })).problems).toMatchObject([{ at: 'nothing' }]);
    expect(await failure(empty.run())).toMatchObject({ code: 'AF_PLAN_INVALID' });
  });

  it('of a resumed session says what is skipped', async () => {
    const toy = script();
    const kernel = await boot({
      pipeline: [
        countingPhase('a', toy, { first: true })({ steps: 1 }),
        countingPhase('b', toy, { first: false })({ steps: 1 }),
      ],
    });
    kernel.hooks.onAfterPhase.tap('pause', () => kernel.requestPause());
    const { sessionId } = await kernel.run();
    expect((await kernel.plan({ resume: sessionId })).phases.map(({ action }) => action)).toEqual([
      'skip',
      'run',
    ]);
  });
});

describe('a part of the pipeline', () => {
  function chain(toy = script()): TestKernelOptions {
    return {
      pipeline: [
        countingPhase('a', toy, { first: true })({ steps: 1 }),
        countingPhase('b', toy, { first: false })({ steps: 1 }),
        countingPhase('c', toy, { first: false })({ steps: 1 }),
      ],
    };
  }

  it('a phase alone takes the newest fitting handoff of an earlier session', async () => {
    const toy = script();
    const kernel = await boot(chain(toy));
    const whole = await kernel.run();
    const plan = await kernel.plan({ phase: 'c' });
    expect(plan).toMatchObject({
      problems: [],
      phases: [{ name: 'c' }],
      input: { sessionId: whole.sessionId },
    });
    const alone = await kernel.run({ phase: 'b' });
    expect(alone).toMatchObject({ status: 'completed', phases: [{ name: 'b', status: 'completed' }] });
    expect(alone.sessionId).not.toBe(whole.sessionId);
    await expect((await kernel.registry()).session(alone.sessionId)).resolves.toMatchObject({
      pipeline: ['b'],
      progress_percent: 100,
    });
    expect(toy.steps).toEqual(['a:0', 'b:0', 'c:0', 'b:0']);
  });

  it('the rest from a phase on runs in a session of its own, which can be resumed', async () => {
    const kernel = await boot(chain());
    const whole = await kernel.run();
    kernel.hooks.onAfterPhase.tap('pause', ({ phase: name }) =>
      name === 'b' ? kernel.requestPause() : undefined,
    );
    const part = await kernel.run({ from: 'b' });
    expect(part).toMatchObject({
      status: 'paused',
      phases: [
        { name: 'b', status: 'completed' },
        { name: 'c', status: 'pending' },
      ],
    });
    const rest = await kernel.run({ resume: part.sessionId });
    expect(rest.phases.map(({ status }) => status)).toEqual(['skipped', 'completed']);
    expect(rest.phases[0]!.result!.metrics).not.toEqual({});
    expect(rest.phases[1]!.result!.models[0]!.id).not.toBe(whole.phases[2]!.result!.models[0]!.id);
  });

  it('an interrupted part starts again from the same input', async () => {
    const kernel = await boot(chain(script((_, context) => context.pausePoint(() => Promise.resolve()))));
    await kernel.run();
    const controller = new AbortController();
    controller.abort();
    const part = await kernel.run({ phase: 'b', signal: controller.signal });
    expect(part.status).toBe('paused');
    const rest = await kernel.run({ resume: part.sessionId });
    expect(rest.error).toBeNull();
    expect(rest.phases).toMatchObject([{ name: 'b', status: 'completed' }]);
  });

  it('needs that handoff, and a phase of that name', async () => {
    const kernel = await boot(chain());
    expect(await failure(kernel.run({ phase: 'b' }))).toMatchObject({
      code: 'AF_HANDOFF_MISSING',
      exitCode: 2,
    });
    expect((await kernel.plan({ from: 'b' })).problems).toMatchObject([{ at: 'phase b' }]);
    expect(await failure(kernel.run({ phase: 'bb' }))).toMatchObject({ code: 'AF_PLUGIN_UNKNOWN' });
    expect(await failure(kernel.run({ from: 'bb' }))).toMatchObject({ code: 'AF_PLUGIN_UNKNOWN' });
    expect(await failure(kernel.run({ phase: 'a', resume: 'latest' }))).toMatchObject({ code: 'AF_USAGE' });
    expect((await kernel.run({ phase: 'a' })).status).toBe('completed');
  });

  it('does not take what was rolled back', async () => {
    const kernel = await boot(chain());
    const { sessionId } = await kernel.run();
    await kernel.rollback(sessionId, 'a');
    expect((await kernel.plan({ phase: 'c' })).input).toMatchObject({ sourcePhase: 'a' });
  });
});
