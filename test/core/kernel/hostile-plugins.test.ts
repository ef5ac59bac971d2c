import { definePhase, definePlugin, type Forge, type Plugin } from '../../../core/contracts/index.js';
import { type ErrorCode } from '../../../core/errors/index.js';
import {
  fails,
  hostileKernels,
  NEVER,
  phase,
  plugin,
  rubbish,
  schemaPlugin,
  sink,
  stuck,
} from '../support/hostile.js';
import { resultOf } from '../support/toys.js';

const boot = hostileKernels();

describe('a plugin that may fail: one warning names plugin and method, the run completes', () => {
  const cases: [string, Plugin, RegExp, number?][] = [
    [
      'sink.write throws null',
      sink({
        write: () => {
          throw rubbish(null);
        },
      }),
      /Sink "hostile" failed in write and is switched off: null/,
    ],
    [
      'sink.write throws what has no text',
      sink({
        write: () => {
          throw rubbish(Object.create(null));
        },
      }),
      /failed in write .*no text/,
    ],
    [
      'sink.write rejects',
      sink({ write: fails }),
      /Sink "hostile" failed in write and is switched off: no luck/,
    ],
    ['sink.open rejects', sink({ open: fails }), /Sink "hostile" could not be opened: no luck/],
    [
      'sink.open never settles',
      sink({ open: NEVER }),
      /Sink "hostile" could not be opened: Sink\.open of plugin "hostile" has not come back/,
      20,
    ],
    [
      'sink.flush rejects',
      sink({ flush: fails }),
      /Sink "hostile" failed in flush and is switched off: no luck/,
    ],
    [
      'sink.flush never settles',
      sink({ flush: NEVER }),
      /is switched off: Sink\.flush of plugin "hostile" has not come back/,
      20,
    ],
    [
      'sink.flush never settles and nothing else is left',
      sink({ flush: stuck }),
      /Sink\.flush of plugin "hostile" waits for something that can never happen/,
    ],
    [
      'sink.close throws',
      sink({
        close: () => {
          throw new Error('no luck');
        },
      }),
      /Sink "hostile" failed in close: no luck/,
    ],
    [
      'sink.close never settles',
      sink({ close: stuck }),
      /Sink\.close of plugin "hostile" waits for something/,
    ],
    [
      'sink.write is no function',
      sink({ write: 'yes' }),
      /Sink "hostile" could not be opened: .*write of what create gave is "yes" instead of a function/,
    ],
    [
      'sink.write changes the event',
      sink({
        write: (event: { type: string }) => {
          event.type = 'x';
        },
      }),
      /Sink "hostile" failed in write/,
    ],
    [
      'onEvent throws',
      plugin((forge) =>
        forge.hooks.onEvent.tap('x', () => {
          throw new Error('no luck');
        }),
      ),
      /Plugin "hostile" failed in hook onEvent: no luck/,
    ],
    [
      'onEvent rejects',
      plugin((forge) => forge.hooks.onEvent.tap('x', rubbish(fails))),
      /Plugin "hostile" failed in hook onEvent: no luck/,
    ],
    [
      'onEvent is no function',
      plugin((forge) => forge.hooks.onEvent.tap('x', rubbish(3))),
      /Plugin "hostile" failed in hook onEvent/,
    ],
    [
      'onDone rejects by tap',
      plugin((forge) => forge.hooks.onDone.tap('x', rubbish(fails))),
      /Plugin "hostile" failed in hook onDone: no luck/,
    ],
    [
      'onDone never settles',
      plugin((forge) => forge.hooks.onDone.tapPromise('x', stuck)),
      /Hook onDone of plugin "hostile" waits for something/,
    ],
    [
      'onDone is slow for ever',
      plugin((forge) => forge.hooks.onDone.tapPromise('x', NEVER)),
      /Hook onDone of plugin "hostile" has not come back/,
      20,
    ],
    [
      'onPhaseFailed is not even called',
      plugin((forge) => forge.hooks.onPhaseFailed.tapPromise('x', fails)),
      /^$/,
    ],
  ];
  it.each(cases)('%s', async (...[, hostile, warning, patienceMs]) => {
    const test = await boot({ plugins: [hostile], patienceMs });
    const report = await test.kernel.run();
    expect(report).toMatchObject({ status: 'completed', error: null });
    const named = report.warnings.filter((message) => message.includes('hostile'));
    const heard = test.messages('warn').filter((message) => message.includes('hostile'));
    expect(heard).toHaveLength(warning.source === '^$' ? 0 : 1);
    expect(heard.join()).toMatch(warning);
    if (!warning.source.includes('onEvent')) expect(named).toEqual(heard);
    expect((await test.kernel.sessions())[0]).toMatchObject({ status: 'completed' });
  });
});

describe('a plugin that fails the run: code, plugin and method are told, the session can be resumed', () => {
  const tapped = (hook: 'onBeforePhase' | 'validateInput' | 'onAfterPhase', fn: unknown): Plugin =>
    plugin((forge) =>
      (forge.hooks[hook] as unknown as { tap(name: string, fn: unknown): void }).tap('x', fn),
    );
  const cases: [string, Plugin, ErrorCode, RegExp][] = [
    [
      'an async function given to tap',
      tapped('onBeforePhase', fails),
      'AF_PLUGIN_HOOK',
      /"hostile" failed in hook onBeforePhase: no luck/,
    ],
    [
      'a hook that never settles',
      tapped('onBeforePhase', stuck),
      'AF_PLUGIN_NEVER_SETTLED',
      /Hook onBeforePhase of plugin "hostile"/,
    ],
    [
      'a hook that throws a string',
      tapped('validateInput', () => {
        throw rubbish('bad');
      }),
      'AF_PLUGIN_HOOK',
      /hook validateInput: bad/,
    ],
    [
      'a hook that throws undefined',
      tapped('onAfterPhase', () => {
        throw rubbish(undefined);
      }),
      'AF_PLUGIN_HOOK',
      /hook onAfterPhase: undefined/,
    ],
    [
      'a hook that changes a result',
      tapped('onAfterPhase', (_: unknown, result: { models: unknown[] }) => result.models.push(1)),
      'AF_PLUGIN_HOOK',
      /"hostile" failed in hook onAfterPhase/,
    ],
    [
      'modifyHandoff gives a list',
      plugin((forge) => forge.hooks.modifyHandoff.tap('x', () => rubbish([]))),
      'AF_PLUGIN_HOOK',
      /"hostile" failed in hook modifyHandoff: it returned an empty list/,
    ],
    [
      'modifyHandoff breaks the schema',
      plugin((forge) => forge.hooks.modifyHandoff.tap('x', () => rubbish({}))),
      'AF_HANDOFF_INVALID',
      /phase "only"/,
    ],
  ];
  it.each(cases)('%s', async (_, hostile, code, message) => {
    const test = await boot({ plugins: [hostile] });
    const report = await test.kernel.run();
    expect(report).toMatchObject({ status: 'failed', error: { code, exitCode: 1 } });
    expect(report.error!.message).toMatch(message);
    expect((await test.kernel.sessions())[0]).toMatchObject({ status: 'failed', error: { code } });
    const mended = plugin(() => undefined);
    const again = await boot({ folder: test.folder, plugins: [mended] });
    expect((await again.kernel.run({ resume: report.sessionId })).status).toBe('completed');
  });

  const phases: [string, Plugin, ErrorCode, RegExp][] = [
    [
      'run throws null',
      phase({ run: () => Promise.reject(rubbish(null)) }),
      'AF_PHASE_FAILED',
      /Phase "hostile" failed: null/,
    ],
    ['run never settles', phase({ run: stuck }), 'AF_PHASE_NEVER_SETTLED', /Phase "hostile" waits/],
    ['run gives nothing', phase({ run: () => Promise.resolve() }), 'AF_PHASE_OUTPUT', /phase "hostile"/],
    [
      'run gives a circle',
      phase({
        run: async () => {
          const facts: Record<string, unknown> = {};
          facts['self'] = facts;
          return { ...resultOf(), facts };
        },
      }),
      'AF_PHASE_OUTPUT',
      /"hostile".*cannot be stored/,
    ],
    [
      'a metric that is a function',
      phase({
        run: async (context: { metric(name: string, value: unknown, o: object): void }) => {
          context.metric('m', () => 1, { step: 0 });
          return resultOf();
        },
      }),
      'AF_PHASE_FAILED',
      /the metric "m" was given a function|function/,
    ],
  ];
  it.each(phases)('a phase: %s', async (_, hostile, code, message) => {
    const test = await boot({ pipeline: [hostile] });
    const report = await test.kernel.run();
    expect(report).toMatchObject({ status: 'failed', error: { code } });
    expect(report.error!.message).toMatch(message);
    expect((await test.kernel.sessions())[0]).toMatchObject({ status: 'failed' });
  });
});

describe('what create gives is checked, and whose it is told', () => {
  const cases: [string, unknown, RegExp][] = [
    ['null', null, /gave null/],
    ['nothing', undefined, /gave nothing/],
    [
      'a promise',
      { then: (_: unknown, rejected: (error: Error) => void) => rejected(new Error('late')) },
      /gave a promise/,
    ],
    ['a number', 3, /gave 3 instead of an object/],
    [
      'no run',
      { title: 'x', input: null, output: null, metrics: [], gates: [] },
      /run of what create gave is nothing/,
    ],
    [
      'no schemas',
      { title: 'x', metrics: [], gates: [], run: NEVER },
      /input of what create gave is nothing/,
    ],
  ];
  it.each(cases)('%s', async (_, made, message) => {
    const hostile = definePhase({ name: 'hostile', create: () => rubbish(made) })();
    const test = await boot({ pipeline: [hostile] });
    const error: unknown = await test.kernel.run().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'AF_PLUGIN_CREATE', facts: { plugin: 'hostile', point: 'phase' } });
    expect((error as Error).message).toMatch(message);
    const plan = await test.kernel.plan();
    expect(plan.problems[0]!.message).toContain('"hostile"');
    expect(await test.kernel.sessions()).toEqual([]);
  });

  it('schemas of a phase that are none are told before anything runs', async () => {
    const test = await boot({ pipeline: [phase({ output: { type: 'nonsense' } })] });
    await expect(test.kernel.run()).rejects.toMatchObject({
      code: 'AF_PLAN_INVALID',
      message: expect.stringContaining('the output of phase hostile'),
    });
  });

  it.each([
    ['rejects', fails],
    ['gives nothing', () => undefined],
    ['gives words for bytes', () => ({ facts: {}, memoryBytes: 'much', diskBytes: 0, problems: [] })],
  ])('a plan that %s is a problem of the plan', async (_, plan) => {
    const test = await boot({ pipeline: [phase({ plan })] });
    const { problems } = await test.kernel.plan();
    expect(problems).toMatchObject([{ at: 'phase hostile' }]);
  });
});

describe('a plugin that keeps the kernel from booting is named', () => {
  const cases: [string, Plugin, ErrorCode, RegExp][] = [
    [
      'apply rejects with nothing',
      plugin(() => Promise.reject(rubbish(undefined))),
      'AF_PLUGIN_APPLY',
      /"hostile" failed while it was being applied: undefined/,
    ],
    ['apply never settles', plugin(stuck), 'AF_PLUGIN_NEVER_SETTLED', /Apply of plugin "hostile"/],
    [
      'modifyConfig never settles',
      plugin((forge) => forge.hooks.modifyConfig.tapPromise('x', stuck)),
      'AF_PLUGIN_NEVER_SETTLED',
      /Hook modifyConfig of plugin "hostile"/,
    ],
    [
      'onPluginsReady changes the config',
      plugin((forge) =>
        forge.hooks.onPluginsReady.tap('x', (config) => {
          (config as { seed: number }).seed = 9;
        }),
      ),
      'AF_PLUGIN_HOOK',
      /"hostile" failed in hook onPluginsReady/,
    ],
    [
      'an options schema that is none',
      schemaPlugin({ type: 'nonsense' }),
      'AF_CONFIG_INVALID',
      /options schema of the plugin "hostile"/,
    ],
    [
      'an asynchronous options schema',
      schemaPlugin({ $async: true }),
      'AF_CONFIG_INVALID',
      /options schema of the plugin "hostile"/,
    ],
    [
      'a tap of a promise on onEvent',
      plugin((forge) =>
        (forge.hooks.onEvent as unknown as { tapPromise(n: string, f: unknown): void }).tapPromise(
          'x',
          fails,
        ),
      ),
      'AF_PLUGIN_APPLY',
      /"hostile"/,
    ],
  ];
  it.each(cases)('%s', async (_, hostile, code, message) => {
    const error: unknown = await boot({ plugins: [hostile] }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toMatch(message);
  });

  it('and those applied before it let go of what they hold', async () => {
    const let_go: string[] = [];
    const holder = definePlugin({
      name: 'holder',
      apply: (forge) => forge.hooks.onDispose.tap('x', () => void let_go.push('holder')),
    });
    await expect(boot({ plugins: [holder(), plugin(fails)] })).rejects.toMatchObject({
      code: 'AF_PLUGIN_APPLY',
    });
    expect(let_go).toEqual(['holder']);
  });

  it('provide after apply is refused', async () => {
    let late: Forge | undefined;
    await boot({ plugins: [plugin((forge) => void (late = forge))] });
    expect(() => late!.provide({ id: 'thing' }, 'x', () => ({}))).toThrow(
      expect.objectContaining({ code: 'AF_PLUGIN_LATE', message: expect.stringContaining('"hostile"') }),
    );
  });
});

describe('dispose', () => {
  const cases: [string, Plugin, RegExp, number?][] = [
    [
      'onDispose rejects by tap',
      plugin((forge) => forge.hooks.onDispose.tap('x', rubbish(fails))),
      /"hostile" failed in hook onDispose: no luck/,
    ],
    [
      'onDispose never settles',
      plugin((forge) => forge.hooks.onDispose.tapPromise('x', stuck)),
      /Hook onDispose of plugin "hostile" waits/,
    ],
    [
      'onDispose is slow for ever',
      plugin((forge) => forge.hooks.onDispose.tapPromise('x', NEVER)),
      /Hook onDispose of plugin "hostile" has not come back/,
      20,
    ],
    [
      'dispose of what it provides rejects',
      sink({ dispose: fails }),
      /"hostile" failed in sink\.dispose: no luck/,
    ],
    [
      'dispose of what it provides never settles',
      sink({ dispose: stuck }),
      /Sink\.dispose of plugin "hostile" waits/,
    ],
  ];
  it.each(cases)(
    '%s: told, after everything else was released',
    async (...[, hostile, message, patienceMs]) => {
      const test = await boot({ plugins: [hostile], patienceMs });
      expect((await test.kernel.run()).status).toBe('completed');
      await expect(test.kernel.dispose()).rejects.toThrow(message);
      expect(() => test.kernel.storage()).toThrow(expect.objectContaining({ code: 'AF_KERNEL_DISPOSED' }));
    },
  );
});
