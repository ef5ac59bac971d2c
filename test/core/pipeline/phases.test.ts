import type { ModelRef, Phase, PhaseContext, PhaseResult, RunEvent } from '../../../core/contracts/index.js';
import { ForgeError } from '../../../core/errors/index.js';
import { definePhase, definePlugin, defineSink, type Sink } from '../../../core/contracts/index.js';
import { modelRef } from '../../../testing/fixtures/records.js';
import { createTestKernel, type TestKernel, type TestKernelOptions } from '../../../testing/kernel.js';
import { CountHandoff, countingPhase, gate, handoffOf, resultOf, script } from '../support/toys.js';

const opened: TestKernel[] = [];
afterEach(async () => {
  for (const test of opened.splice(0)) await test.dispose();
});

async function boot(options: TestKernelOptions): Promise<TestKernel> {
  const test = await createTestKernel(options);
  opened.push(test);
  return test;
}

/** A phase that starts from nothing and does what the test says. */
function phase(run: (context: PhaseContext) => Promise<PhaseResult>, facts: Partial<Phase> = {}) {
  return definePhase({
    name: 'only',
    create: () => ({
      title: 'Only',
      input: null,
      output: null,
      metrics: [],
      gates: [],
      run: (context) => run(context),
      ...facts,
    }),
  })();
}

const returning = (facts: Partial<PhaseResult>, shape: Partial<Phase> = {}) =>
  phase(() => Promise.resolve(resultOf(facts)), shape);
const lifecycle = (events: readonly RunEvent[], name: string) =>
  events.filter((event) => event.type === 'lifecycle' && event.event === name);

describe('gates', () => {
  it('a missed target is reported and the run goes on', async () => {
    const missed = gate('fitness', { passed: false, measured: 0.1, target: '>= 0.2' });
    const unmeasured = gate('speed', { passed: null, measured: null, reason: 'no timer' });
    const test = await boot({ pipeline: [returning({ gates: [missed, unmeasured] })] });
    const report = await test.kernel.run();
    expect(report.status).toBe('completed');
    expect(report.phases[0]!.missedGates).toEqual([missed]);
    expect(lifecycle(test.events, 'gate')).toMatchObject([{ facts: missed }, { facts: unmeasured }]);
  });

  it('under "strict" it stops the run, the numbers kept', async () => {
    const missed = gate('fitness', { passed: false, measured: 0.1, target: '>= 0.2' });
    const test = await boot({
      pipeline: [returning({ gates: [missed], metrics: { fitness: 0.1 } })],
      config: { gates: { policy: 'strict' } },
    });
    const report = await test.kernel.run();
    expect(report).toMatchObject({
      status: 'failed',
      error: { code: 'AF_GATE_FAILED', exitCode: 1, facts: { gates: [missed] } },
    });
    expect(report.error!.message).toContain('target gate "fitness": measured 0.1, target >= 0.2');
    expect(report.phases[0]).toMatchObject({ status: 'failed', result: { metrics: { fitness: 0.1 } } });
    const registry = await test.kernel.registry();
    expect((await registry.phases(report.sessionId))[0]).toMatchObject({
      status: 'failed',
      result: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it.each([false, null])('an integrity gate that is %s always stops it', async (passed) => {
    const gates = [gate('finite', { class: 'integrity', passed, measured: null, reason: 'no weights' })];
    const test = await boot({ pipeline: [returning({ gates })] });
    expect(await test.kernel.run()).toMatchObject({ status: 'failed', error: { code: 'AF_GATE_FAILED' } });
  });
});

describe('what a phase returns', () => {
  it.each([
    [undefined, 'result'],
    [{ ...resultOf(), warnings: undefined }, 'result.warnings'],
    [resultOf({ metrics: { loss: {} as never } }), 'result.metrics.loss'],
    [resultOf({ gates: [{ name: 'g' } as never] }), 'result.gates[0].class'],
    [resultOf({ handoff: handoffOf('only', 1) }), 'result.handoff'],
  ])('%j is refused at %s', async (result, at) => {
    const test = await boot({ pipeline: [phase(() => Promise.resolve(result as PhaseResult))] });
    const { status, error } = await test.kernel.run();
    expect(status).toBe('failed');
    expect(error!.code).toBe('AF_PHASE_OUTPUT');
    expect(error!.problems.map((problem) => problem.at)).toContain(at);
  });

  it.each<[string, (model: ModelRef) => object, RegExp]>([
    ['that lacks what reports show', ({ metadata: _, ...model }) => model, /metadata/],
    [
      'with a hash that is none',
      (model) => ({ ...model, weights: { ...model.weights, sha256: '0' } }),
      /sha256/,
    ],
    ['whose file is not stored', (model) => model, /not in the artifact store/],
  ])('must not have a model %s', async (_what, damage, told) => {
    const model = damage(modelRef('m')) as ModelRef;
    const test = await boot({ pipeline: [returning({ models: [model] })] });
    const { status, error, phases } = await test.kernel.run();
    expect(status).toBe('failed');
    expect(error!.code).toBe('AF_PHASE_OUTPUT');
    expect(error!.message).toMatch(told);
    expect(phases[0]!.result).toBeNull();
  });

  it('must have every gate that was declared, and the handoff its schema promises', async () => {
    const test = await boot({
      pipeline: [
        returning(
          { gates: [gate('one')], handoff: { ...handoffOf('only', -1) } },
          { gates: ['one', 'two'], output: CountHandoff },
        ),
      ],
    });
    const { error } = await test.kernel.run();
    expect(error!.problems).toMatchObject([
      { at: 'result.gates', message: 'the gate "two" is missing' },
      { at: 'result.handoff.facts.count', expected: 'integer >= 0', found: '-1' },
    ]);
  });

  it('may hold NaN and infinities, and they survive', async () => {
    const metrics = { loss: NaN, worst: -Infinity, none: null, word: 'x', yes: true };
    const test = await boot({ pipeline: [returning({ metrics })] });
    const { sessionId, status } = await test.kernel.run();
    expect(status).toBe('completed');
    const { 'phase/duration_seconds': seconds, ...own } = (await test.kernel.run({ resume: sessionId }))
      .phases[0]!.result!.metrics;
    expect(own).toEqual(metrics);
    expect(seconds).toBeGreaterThan(0);
  });

  it('a hook may change the handoff, within its schema', async () => {
    const change = (count: number) =>
      definePlugin({
        name: 'change',
        apply: (forge) =>
          forge.hooks.modifyHandoff.tap('change', (handoff) => ({ ...handoff, facts: { count } })),
      })();
    const pipeline = [
      countingPhase('first', script(), { first: true })(),
      countingPhase('second', script(), { first: false })({ steps: 0 }),
    ];
    const good = await boot({ plugins: [change(5)], pipeline });
    expect((await good.kernel.run()).phases[1]!.result!.metrics['total']).toBe(5);
    const bad = await boot({ plugins: [change(-5)], pipeline });
    expect(await bad.kernel.run()).toMatchObject({ status: 'failed', error: { code: 'AF_HANDOFF_INVALID' } });
  });
});

describe('a phase that fails', () => {
  it('fails the run by name, its last checkpoint kept, and can be gone on with', async () => {
    let broken = true;
    const toy = script((step) => {
      if (step === 2 && broken) throw new TypeError('no luck');
    });
    const test = await boot({ pipeline: [countingPhase('only', toy, { first: true })()] });
    const report = await test.kernel.run();
    expect(report).toMatchObject({
      status: 'failed',
      error: {
        code: 'AF_PHASE_FAILED',
        message: 'Phase "only" failed: no luck',
        cause: { name: 'TypeError' },
      },
    });
    expect((await test.kernel.sessions())[0]).toMatchObject({
      status: 'failed',
      progress_percent: 50,
      error: { code: 'AF_PHASE_FAILED' },
    });
    broken = false;
    expect((await test.kernel.run({ resume: 'latest' })).status).toBe('completed');
    expect(toy.steps).toEqual(['only:0', 'only:1', 'only:2', 'only:3']);
  });

  it('with an error of its own keeps its code', async () => {
    const test = await boot({
      pipeline: [phase(() => Promise.reject(new ForgeError('AF_STORAGE_FULL', 'The disk is full.')))],
    });
    expect(await test.kernel.run()).toMatchObject({ status: 'failed', error: { code: 'AF_STORAGE_FULL' } });
  });

  it('by throwing the pause signal nobody asked for is a failure', async () => {
    const test = await boot({
      pipeline: [phase(() => Promise.reject(new ForgeError('AF_PAUSED', 'paused')))],
    });
    expect((await test.kernel.run()).status).toBe('failed');
  });

  it('by never settling is told when the process would exit', async () => {
    const stuck = phase(() => {
      setImmediate(() => process.emit('beforeExit', 0));
      return new Promise(() => undefined);
    });
    const test = await boot({ pipeline: [stuck] });
    const report = await test.kernel.run();
    expect(report).toMatchObject({
      status: 'failed',
      error: {
        code: 'AF_PHASE_NEVER_SETTLED',
        message: 'Phase "only" waits for something that can never happen.',
      },
    });
    expect((await test.kernel.sessions())[0]).toMatchObject({ status: 'failed' });
    expect(process.listenerCount('beforeExit')).toBe(0);
  });

  it('by never settling in a hook names plugin and hook', async () => {
    const stuck = definePlugin({
      name: 'stuck',
      apply: (forge) =>
        forge.hooks.onBeforePhase.tapPromise('wait', () => {
          setImmediate(() => process.emit('beforeExit', 0));
          return new Promise(() => undefined);
        }),
    });
    const test = await boot({ plugins: [stuck()], pipeline: [returning({})] });
    expect((await test.kernel.run()).error!.message).toContain('Hook onBeforePhase of plugin "stuck"');
  });
});

describe('sinks', () => {
  function sink(name: string, parts: Partial<Sink> = {}) {
    const heard: string[] = [];
    const note = (what: string) => () => void heard.push(what);
    const made: Sink = {
      open: ({ resumed }) => void heard.push(`open ${resumed}`),
      write: (event) => void heard.push(event.type === 'lifecycle' ? event.event : event.type),
      flush: note('flush'),
      close: note('close'),
      ...parts,
    };
    return { heard, plugin: defineSink({ name, create: () => made })() };
  }

  it('hear everything in order, are flushed before each checkpoint, and closed in the end', async () => {
    const { heard, plugin } = sink('ear');
    const test = await boot({
      plugins: [plugin],
      pipeline: [countingPhase('only', script(), { first: true })({ steps: 1 })],
    });
    const report = await test.kernel.run();
    expect(heard.filter((word) => word !== 'log')).toEqual([
      'open false',
      'session-start',
      'phase-start',
      'metric',
      'progress',
      'flush',
      'checkpoint',
      'model',
      // What the kernel measures of the phase.
      'metric',
      'flush',
      'handoff',
      'phase-end',
      'session-end',
      'flush',
      'close',
    ]);
    expect(report.overhead.events).toBeGreaterThan(5);
    expect(report.overhead.totalSeconds).toBeGreaterThan(0);
    expect(report.overhead.phasesSeconds).toBeGreaterThan(0);
  });

  it.each(['open', 'write', 'flush', 'close'] as const)(
    'one that throws in %s is switched off with one warning; run and others go on',
    async (where) => {
      const bad = sink('bad', {
        [where]: () => {
          throw new Error('no luck');
        },
      });
      const good = sink('good');
      const test = await boot({
        plugins: [bad.plugin, good.plugin],
        pipeline: [countingPhase('only', script(), { first: true })()],
      });
      const report = await test.kernel.run();
      expect(report.status).toBe('completed');
      expect(test.messages('warn').filter((message) => message.includes('Sink "bad"'))).toHaveLength(1);
      expect(good.heard.at(-1)).toBe('close');
      expect(good.heard).toContain('session-end');
      if (where === 'write' || where === 'flush') expect(bad.heard).toContain('close');
    },
  );

  it('one that cannot even be created is a warning', async () => {
    const broken = defineSink({
      name: 'broken',
      create: () => {
        throw new Error('no luck');
      },
    });
    const test = await boot({ plugins: [broken()], pipeline: [returning({})] });
    expect((await test.kernel.run()).status).toBe('completed');
    expect(test.messages('warn').join()).toContain('Sink "broken" could not be opened');
  });

  it('are closed when the run fails, too, and only those configured are opened', async () => {
    const [ear, other] = [sink('ear'), sink('other')];
    const test = await boot({
      plugins: [ear.plugin, other.plugin],
      config: { sinks: ['ear'] },
      pipeline: [phase(() => Promise.reject(new Error('x')))],
    });
    await test.kernel.run();
    expect(ear.heard.slice(-2)).toEqual(['flush', 'close']);
    expect(other.heard).toEqual([]);
  });
});

describe('interventions', () => {
  const asking = phase(async (context) =>
    resultOf({ metrics: { action: await context.intervene('diverged', ['stop', 'slow'], 'slow') } }),
  );
  const answering = (answer: string) =>
    definePlugin({
      name: 'answer',
      apply: (forge) => forge.hooks.resolveIntervention.tap('x', () => answer),
    })();

  it.each([
    [[], 'slow', 'fallback'],
    [[answering('stop')], 'stop', 'hook'],
    [[answering('dance')], 'slow', 'fallback'],
  ])('%j decide for %s', async (plugins, action, decidedBy) => {
    const test = await boot({ plugins, pipeline: [asking] });
    expect((await test.kernel.run()).phases[0]!.result!.metrics['action']).toBe(action);
    expect(lifecycle(test.events, 'alert')).toMatchObject([
      { phase: 'only', facts: { trouble: 'diverged', decision: action, decidedBy } },
    ]);
  });
});

describe('the context of a phase', () => {
  it('gives what the kernel has', async () => {
    const seen: Record<string, unknown> = {};
    const test = await boot({
      config: { seed: 5, data: { root: 'corpus' } },
      pipeline: [
        phase(async (context) => {
          Object.assign(seen, { ...context, frozen: Object.isFrozen(context) });
          context.log.warn('careful', { step: 1 });
          context.event('sample', { text: 'hello' });
          expect(context.names({ id: 'phase' })).toEqual(['only']);
          expect(() => context.validate({ type: 'string' }, 3, 'here')).toThrow(
            expect.objectContaining({ code: 'AF_CONFIG_INVALID' }),
          );
          await expect(context.checkpoints.child('a').child('b').latest()).resolves.toBeNull();
          await context.checkpoints.child('a').child('b').save({ step: 3, tensors: {}, state: null });
          await expect(context.engine()).rejects.toMatchObject({ code: 'AF_PLUGIN_UNKNOWN' });
          return resultOf();
        }),
      ],
    });
    const report = await test.kernel.run();
    expect(report.error).toBeNull();
    expect(seen).toMatchObject({
      seed: 5,
      frozen: true,
      sessionId: report.sessionId,
      configHash: test.kernel.configHash,
      data: { root: `${test.folder}/corpus` },
    });
    expect(lifecycle(test.events, 'checkpoint')).toMatchObject([{ facts: { step: 3, area: 'a/b' } }]);
    expect(lifecycle(test.events, 'sample')).toMatchObject([{ phase: 'only', facts: { text: 'hello' } }]);
    expect(test.events).toContainEqual(
      expect.objectContaining({
        type: 'log',
        level: 'warn',
        source: 'only',
        message: 'careful',
        facts: { step: 1 },
      }),
    );
  });
});

it('a kernel runs one pipeline at a time', async () => {
  const test = await boot({ pipeline: [countingPhase('only', script(), { first: true })()] });
  const running = test.kernel.run();
  await expect(test.kernel.run()).rejects.toMatchObject({ code: 'AF_KERNEL_BUSY' });
  expect((await running).status).toBe('completed');
});
