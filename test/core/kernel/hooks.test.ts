import { definePlugin, type Forge, type KernelHooks, type RunEvent } from '../../../core/contracts/index.js';
import { isForgeError } from '../../../core/errors/index.js';
import { createHooks, hooksFor } from '../../../core/kernel/hooks.js';
import { PluginCalls } from '../../../core/kernel/plugin-calls.js';
import { TapClock } from '../../../core/kernel/tap-clock.js';
import { createTestKernel, type TestKernel } from '../../../testing/kernel.js';
import { countingPhase, gate, handoffOf, resultOf, script } from '../support/toys.js';

function tapping(
  name: string,
  apply: (forge: Forge) => void | Promise<void>,
  order: { before?: string[]; after?: string[] } = {},
) {
  return definePlugin({ name, apply, ...order })();
}

function toyKernel(apply: (forge: Forge) => void): Promise<TestKernel> {
  return createTestKernel({
    plugins: [tapping('tapper', apply)],
    pipeline: [countingPhase('only', script(), { first: true, gates: ['count'], run: runGated })()],
  });
}

const runGated = () => Promise.resolve(resultOf({ gates: [gate('count')], handoff: handoffOf('only', 1) }));

function bareHooks(): { hooks: KernelHooks; clock: TapClock; troubles: Error[] } {
  const [clock, troubles] = [new TapClock(), [] as Error[]];
  const calls = new PluginCalls({ patienceMs: 60_000, onSlow: () => undefined });
  return {
    hooks: createHooks({ clock, calls, onTrouble: (_, error) => void troubles.push(error) }),
    clock,
    troubles,
  };
}

describe('the hooks object', () => {
  it('is frozen, and every hook carries its own name', () => {
    const { hooks } = bareHooks();
    expect(Object.isFrozen(hooks)).toBe(true);
    for (const [name, hook] of Object.entries(hooks)) expect(hook.name).toBe(name);
  });

  it('gives plugins views that tap but do not call, and attributes taps to them', async () => {
    const { hooks, clock } = bareHooks();
    const view = hooksFor(hooks, 'mine');
    expect(Object.isFrozen(view)).toBe(true);
    expect(view.onDispose).not.toHaveProperty('promise');
    view.onDispose.tap('step', () => undefined);
    await hooks.onDispose.promise();
    expect(clock.timings()).toMatchObject([{ hook: 'onDispose', plugin: 'mine', calls: 1 }]);
  });
});

describe('a tap that fails', () => {
  const cause = new Error('no luck');
  it.each(['tap', 'tapPromise', 'tapAsync'] as const)(
    'by %s names plugin and hook and keeps the cause',
    async (kind) => {
      const { hooks } = bareHooks();
      const hook = hooksFor(hooks, 'mine').onBeforePipeline;
      if (kind === 'tap')
        hook.tap('x', () => {
          throw cause;
        });
      if (kind === 'tapPromise') hook.tapPromise('x', () => Promise.reject(cause));
      if (kind === 'tapAsync') hook.tapAsync('x', (_, done) => done(cause));
      await expect(
        hooks.onBeforePipeline.promise({ sessionId: 's', phases: [], resumed: false }),
      ).rejects.toMatchObject({
        code: 'AF_PLUGIN_HOOK',
        message: 'Plugin "mine" failed in hook onBeforePipeline: no luck',
        facts: { plugin: 'mine', hook: 'onBeforePipeline' },
        cause,
      });
    },
  );

  it('in a waterfall, when it returns no record', async () => {
    const { hooks } = bareHooks();
    hooksFor(hooks, 'mine').modifyConfig.tap('x', () => 3 as never);
    await expect(hooks.modifyConfig.promise({})).rejects.toMatchObject({
      code: 'AF_PLUGIN_HOOK',
      facts: { plugin: 'mine' },
    });
  });

  it('in onEvent is switched off after one warning', () => {
    const { hooks, troubles } = bareHooks();
    let calls = 0;
    hooksFor(hooks, 'mine').onEvent.tap('x', () => {
      calls += 1;
      throw cause;
    });
    const event: RunEvent = { type: 'metric', name: 'm', value: 1, step: 0, phase: 'p', time: 0 };
    hooks.onEvent.call(event);
    hooks.onEvent.call(event);
    expect(calls).toBe(1);
    expect(troubles).toHaveLength(1);
  });

  it('in onDispose does not keep the others from running, newest first', async () => {
    const { hooks, troubles } = bareHooks();
    const order: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      hooksFor(hooks, name).onDispose.tap('x', () => {
        order.push(name);
        if (name === 'b') throw cause;
      });
    }
    await hooks.onDispose.promise();
    expect(order).toEqual(['c', 'b', 'a']);
    expect(troubles).toMatchObject([{ code: 'AF_PLUGIN_HOOK', facts: { plugin: 'b', hook: 'onDispose' } }]);
  });

  it('answers may also come by callback and by promise', async () => {
    const { hooks } = bareHooks();
    hooks.resolveIntervention.tapAsync('silent', (_, done) => done());
    hooks.resolveIntervention.tapPromise('decided', () => Promise.resolve('stop'));
    const intervention = { phase: 'p', trouble: 't', actions: ['stop', 'go'], fallback: 'go' };
    expect(await hooks.resolveIntervention.promise(intervention)).toBe('stop');
  });
});

describe('the lifecycle', () => {
  const NAMES = [
    'modifyConfig',
    'onPluginsReady',
    'onBeforePipeline',
    'onBeforePhase',
    'validateInput',
    'validateOutput',
    'modifyHandoff',
    'onGate',
    'onAfterPhase',
    'onCheckpoint',
    'onDone',
    'onDispose',
  ] as const;

  it('comes in order, from config to disposal', async () => {
    const order: string[] = [];
    const heard = new Set<string>();
    const test = await toyKernel((forge) => {
      for (const name of NAMES)
        (forge.hooks[name] as { tap: (by: string, fn: () => void) => void }).tap(
          'order',
          () => void order.push(name),
        );
      forge.hooks.onEvent.tap(
        'events',
        (event) => void heard.add(event.type === 'lifecycle' ? event.event : event.type),
      );
    });
    expect(order).toEqual(['modifyConfig', 'onPluginsReady']);
    const report = await test.kernel.run();
    expect(report.error).toBeNull();
    await test.dispose();
    expect(order).toEqual(NAMES.filter((name) => name !== 'onCheckpoint'));
    expect([...heard]).toEqual(
      expect.arrayContaining(['session-start', 'phase-start', 'gate', 'phase-end', 'handoff', 'session-end']),
    );
    const hooks = test.kernel
      .timings()
      .filter(({ plugin }) => plugin === 'tapper')
      .map(({ hook }) => hook);
    expect(new Set(hooks)).toEqual(new Set([...order, 'onEvent']));
  });

  it.each([
    'onBeforePipeline',
    'onBeforePhase',
    'validateInput',
    'validateOutput',
    'modifyHandoff',
    'onGate',
    'onAfterPhase',
  ] as const)(
    'a plugin that throws in %s fails the run by name, and later work does not start',
    async (name) => {
      const failed: unknown[] = [];
      const test = await toyKernel((forge) => {
        (forge.hooks[name] as { tap: (by: string, fn: () => void) => void }).tap('bad', () => {
          throw new Error('no luck');
        });
        forge.hooks.onPhaseFailed.tap('watch', (_, error) => void failed.push(error));
      });
      const report = await test.kernel.run();
      expect(report.status).toBe('failed');
      expect(report.error).toMatchObject({
        code: 'AF_PLUGIN_HOOK',
        exitCode: 1,
        facts: { plugin: 'tapper', hook: name },
      });
      const [session] = await test.kernel.sessions();
      expect(session).toMatchObject({ status: 'failed', error: { code: 'AF_PLUGIN_HOOK' } });
      const afterwards = name === 'onBeforePipeline' || name === 'onAfterPhase';
      expect(failed).toHaveLength(afterwards ? 0 : 1);
      await test.dispose();
    },
  );

  it.each(['onPhaseFailed', 'onDone'] as const)('a plugin that throws in %s hides nothing', async (name) => {
    const test = await createTestKernel({
      plugins: [
        tapping('tapper', (forge) =>
          (forge.hooks[name] as { tap: (by: string, fn: () => void) => void }).tap('bad', () => {
            throw new Error('no luck');
          }),
        ),
      ],
      pipeline: [
        countingPhase(
          'only',
          script(() => {
            throw new Error('the real trouble');
          }),
          { first: true },
        )(),
      ],
    });
    const report = await test.kernel.run();
    expect(report.error).toMatchObject({
      code: 'AF_PHASE_FAILED',
      message: 'Phase "only" failed: the real trouble',
    });
    expect(test.messages('warn').join('\n')).toContain('no luck');
    await test.dispose();
  });

  it.each(['modifyConfig', 'onPluginsReady'] as const)(
    'a plugin that throws in %s keeps the kernel from booting',
    async (name) => {
      const boot = toyKernel((forge) =>
        (forge.hooks[name] as { tap: (by: string, fn: () => void) => void }).tap('bad', () => {
          throw new Error('no luck');
        }),
      );
      await expect(boot).rejects.toMatchObject({
        code: 'AF_PLUGIN_HOOK',
        facts: { plugin: 'tapper', hook: name },
      });
    },
  );

  it('a plugin that throws in apply is named', async () => {
    const boot = createTestKernel({
      plugins: [tapping('broken', () => Promise.reject(new Error('no luck')))],
    });
    await expect(boot).rejects.toMatchObject({
      code: 'AF_PLUGIN_APPLY',
      message: expect.stringContaining('"broken"'),
      facts: { plugin: 'broken' },
    });
  });
});

describe('dispose', () => {
  it('releases implementations newest first and everything in spite of errors, then tells the first', async () => {
    const order: string[] = [];
    const token = { id: 'thing' };
    const test = await createTestKernel({
      plugins: [
        tapping('things', (forge) => {
          for (const name of ['a', 'b', 'c']) {
            forge.provide(token, name, () => ({
              dispose: () => {
                order.push(name);
                if (name === 'b') throw new Error('stuck');
              },
            }));
          }
          forge.hooks.onDispose.tap('first', () => void order.push('hook'));
        }),
      ],
    });
    for (const name of ['a', 'b', 'c']) test.kernel.resolve(token, name);
    await expect(test.kernel.dispose()).rejects.toThrow('stuck');
    expect(order).toEqual(['hook', 'c', 'b', 'a']);
    await expect(test.kernel.run()).rejects.toMatchObject({ code: 'AF_KERNEL_DISPOSED' });
  });

  it('pauses a run that is under way first', async () => {
    const toy = script((step) => void (step === 1 ? (ending = test.kernel.dispose()) : undefined));
    let ending: Promise<void> | undefined;
    const test: TestKernel = await createTestKernel({
      pipeline: [countingPhase('only', toy, { first: true })()],
    });
    const report = await test.kernel.run();
    expect(report.status).toBe('paused');
    await ending;
    expect(isForgeError(report.error)).toBe(false);
  });
});
