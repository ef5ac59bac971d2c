import { Type } from '@sinclair/typebox';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  createToken,
  defineMerge,
  definePhase,
  definePlugin,
  defineSink,
  withDefault,
  type ForgeConfig,
  type MergeMethod,
} from '../../../core/contracts/index.js';
import type { BuiltinCatalogue } from '../../../core/kernel/types.js';
import { isForgeError, type ForgeError } from '../../../core/errors/index.js';
import { createTestKernel, type TestKernel, type TestKernelOptions } from '../../../testing/kernel.js';
import { resultOf } from '../support/toys.js';

let folder: string;
const opened: TestKernel[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentforge-plugins-'));
});
afterEach(async () => {
  for (const test of opened.splice(0)) await test.dispose();
  await rm(folder, { recursive: true, force: true });
});

interface Tool {
  readonly made: string;
  readonly options: unknown;
}
const TOOL = createToken<Tool>('tool');

const SharpOptions = Type.Object(
  {
    edge: withDefault(Type.Integer({ minimum: 1 }), 3),
    inner: withDefault(Type.Object({ a: withDefault(Type.Number(), 1) }), { a: 1 }),
  },
  { additionalProperties: false },
);
function tool(name: string, made = name) {
  return definePlugin({
    name,
    provides: ['tool'],
    options: SharpOptions,
    apply: (forge, options) => forge.provide(TOOL, name, () => ({ made, options })),
  });
}
function builtin(name: string): BuiltinCatalogue[number] {
  return { name, point: 'tool', load: () => Promise.resolve(tool(name, 'built-in')) };
}

async function boot(config: ForgeConfig, options: TestKernelOptions = {}): Promise<TestKernel['kernel']> {
  const modules = { agentforge: () => import('../../../core/index.js') };
  const test = await createTestKernel({
    folder,
    modules,
    builtins: [builtin('saw'), builtin('axe')],
    config,
    ...options,
  });
  opened.push(test);
  return test.kernel;
}

async function failure(config: ForgeConfig, options: TestKernelOptions = {}): Promise<ForgeError> {
  try {
    await boot(config, options);
  } catch (error) {
    if (isForgeError(error)) return error;
    throw error;
  }
  throw new Error('the kernel booted');
}

async function file(name: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), content);
}

const PLUGIN = (name: string) => `
  import { definePlugin, Type, withDefault } from 'agentforge';
  export default definePlugin({
    name: '${name}',
    provides: ['tool'],
    options: Type.Object({ edge: withDefault(Type.Integer(), 3) }, { additionalProperties: false }),
    apply: (forge, options) => forge.provide({ id: 'tool' }, '${name}', () => ({ made: 'elsewhere', options })),
  });`;

describe('listing plugins', () => {
  it('by instance, by name, as pairs and records; nested and switched off', async () => {
    const kernel = await boot({
      plugins: [
        tool('knife')({ edge: 9 }),
        [
          ['saw', { edge: 5 }],
          [false, null, undefined],
        ],
        { use: 'axe', options: { inner: { a: 2 } } },
      ],
    });
    expect(kernel.names(TOOL)).toEqual(['knife', 'saw', 'axe']);
    expect(kernel.resolve(TOOL, 'knife').options).toEqual({ edge: 9, inner: { a: 1 } });
    expect(kernel.resolve(TOOL, 'saw')).toEqual({ made: 'built-in', options: { edge: 5, inner: { a: 1 } } });
    expect(kernel.resolve(TOOL, 'axe').options).toEqual({ edge: 3, inner: { a: 2 } });
    expect(kernel.config.plugins.map(({ name }) => name)).toEqual(['knife', 'saw', 'axe']);
    expect(kernel.plugins.find(({ name }) => name === 'saw')).toMatchObject({
      origin: 'builtin',
      source: 'built-in',
      implementations: ['tool:saw'],
    });
  });

  it('by path, relative to the file that says so, in TypeScript and JavaScript', async () => {
    await file('config/plugins/hammer.ts', PLUGIN('hammer'));
    await file('config/plugins/tongs.mjs', PLUGIN('tongs'));
    await file(
      'config/agentforge.config.json',
      '{"plugins":[["./plugins/hammer.ts",{"edge":4}],"./plugins/tongs.mjs"]}',
    );
    const kernel = await boot({}, { configPath: 'config/agentforge.config.json' });
    expect(kernel.resolve(TOOL, 'hammer')).toEqual({ made: 'elsewhere', options: { edge: 4 } });
    expect(kernel.plugins.find(({ name }) => name === 'tongs')).toMatchObject({
      origin: 'config',
      source: './plugins/tongs.mjs',
    });
  });

  it('by package name, short, full and scoped', async () => {
    for (const name of ['agentforge-plugin-rasp', 'agentforge-plugin-file', '@org/agentforge-plugin-vice']) {
      await file(
        `node_modules/${name}/package.json`,
        JSON.stringify({ name, type: 'module', exports: { import: './main.js' } }),
      );
      await file(`node_modules/${name}/main.js`, PLUGIN(name.split('-').at(-1)!));
    }
    const kernel = await boot({ plugins: ['rasp', 'agentforge-plugin-file', '@org/vice'] });
    expect(kernel.names(TOOL)).toEqual(['saw', 'axe', 'rasp', 'file', 'vice']);
  });

  it('tells what is wrong with each', async () => {
    await file('broken.ts', 'export default {{');
    await file('empty.ts', 'export const x = 1;');
    await file('angry.ts', `throw new Error('not today');`);
    const { problems } = await failure({
      plugins: [
        'sawe',
        './nowhere.ts',
        './broken.ts',
        './empty.ts',
        './angry.ts',
        tool('knife') as never,
        { name: 'x', apply() {} } as never,
      ],
    });
    expect(problems).toMatchObject([
      { at: 'plugins[5]', message: 'is not a plugin', fix: 'Call it: knife().' },
      { at: 'plugins[6]', message: 'is not a plugin', fix: expect.stringContaining('definePlugin') },
      {
        at: 'plugins[0]',
        message: 'unknown plugin "sawe"',
        suggestion: 'saw',
        fix: expect.stringContaining('agentforge-plugin-sawe'),
      },
      {
        at: 'plugins[1]',
        message: expect.stringContaining('./nowhere.ts cannot be loaded'),
        fix: expect.stringContaining('path'),
      },
      { at: 'plugins[2]', message: expect.stringContaining('./broken.ts cannot be loaded') },
      { at: 'plugins[3]', message: './empty.ts exports no plugin' },
      { at: 'plugins[4]', message: expect.stringContaining('not today') },
    ]);
  });
});

describe('who wins', () => {
  it('a plugin of the config over a built-in one of the same name, and over what another built-in provides', async () => {
    const usurper = definePlugin({
      name: 'usurper',
      apply: (forge) => forge.provide(TOOL, 'axe', () => ({ made: 'mine', options: null })),
    });
    const kernel = await boot({ plugins: [tool('saw', 'mine')(), usurper()] });
    expect(kernel.resolve(TOOL, 'saw').made).toBe('mine');
    expect(kernel.resolve(TOOL, 'axe').made).toBe('mine');
    expect(kernel.resolve(TOOL).made).toBe('mine');
    expect(kernel.plugins.filter(({ name }) => name === 'saw')).toHaveLength(1);
  });

  it('the later layer over the earlier one, in its place', async () => {
    const kernel = await boot({
      extends: [{ plugins: [tool('a', 'below')({ edge: 7 }), tool('b')()] }],
      plugins: [tool('a', 'above')()],
    });
    expect(kernel.config.plugins.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(kernel.resolve(TOOL, 'a')).toMatchObject({ made: 'above', options: { edge: 3 } });
  });

  it('nobody, when two of the config provide the same or a layer lists one twice', async () => {
    const twin = (name: string) =>
      definePlugin({
        name,
        apply: (forge) => forge.provide(TOOL, 'same', () => ({ made: name, options: null })),
      })();
    expect(await failure({ plugins: [twin('left'), twin('right')] })).toMatchObject({
      code: 'AF_PLUGIN_DUPLICATE',
      message: 'Plugins "left" and "right" both provide tool "same".',
    });
    expect((await failure({ plugins: [tool('a')(), tool('a')()] })).problems).toMatchObject([
      { at: 'plugins[1]', message: '"a" is listed twice (also at plugins[0])' },
    ]);
  });
});

describe('options', () => {
  it('of the config lie over those of the plugin', async () => {
    const kernel = await boot({
      plugins: [tool('a')({ edge: 2, inner: { a: 5 } })],
      options: { a: { edge: 4 }, saw: { edge: 6 } },
    });
    expect(kernel.resolve(TOOL, 'a').options).toEqual({ edge: 4, inner: { a: 5 } });
    expect(kernel.resolve(TOOL, 'saw').options).toMatchObject({ edge: 6 });
    expect(kernel.config.plugins).toEqual([
      { name: 'saw', options: { edge: 6, inner: { a: 1 } } },
      { name: 'a', options: { edge: 4, inner: { a: 5 } } },
    ]);
  });

  it('that are wrong are told where they were set', async () => {
    const { problems } = await failure({
      plugins: [tool('a')({ egde: 2 } as never), ['saw', { edge: 0 }]],
      options: { axe: { inner: { a: 'x' } } },
    });
    expect(problems).toMatchObject([
      { at: 'options.axe.inner.a', source: 'config', expected: 'number', found: '"x"' },
      { at: 'plugins[0] (a).egde', suggestion: 'edge' },
      { at: 'plugins[1] (saw).edge', message: 'must be >= 1' },
    ]);
  });

  it('a built-in plugin that needs some and gets none is left out until it is mentioned', async () => {
    const needy = definePlugin({
      name: 'needy',
      options: Type.Object({ must: Type.String() }),
      apply: (forge) => forge.provide(TOOL, 'needy', () => ({ made: 'n', options: 0 })),
    });
    const builtins = [{ name: 'needy', point: 'tool', load: () => Promise.resolve(needy) }];
    expect((await boot({}, { builtins })).names(TOOL)).toEqual([]);
    expect((await boot({ options: { needy: { must: 'x' } } }, { builtins })).names(TOOL)).toEqual(['needy']);
    expect((await failure({ plugins: ['needy'] }, { builtins })).problems).toMatchObject([
      { at: 'plugins[0] (needy).must', message: '"must" is missing' },
    ]);
  });

  it('of one moment make a fresh implementation', async () => {
    const blunt = defineMerge({
      name: 'blunt',
      options: SharpOptions,
      create: (options) =>
        ({
          arity: { min: 1, max: null },
          base: 'unused',
          merge: ({ models }) => models[options.edge - 1]!,
        }) satisfies MergeMethod,
    });
    const kernel = await boot({ plugins: [blunt({ edge: 1 })] });
    const token = { id: 'merge' };
    expect(kernel.resolve(token)).toBe(kernel.resolve(token, 'blunt'));
    expect(kernel.resolve(token, 'blunt', { edge: 2 })).not.toBe(kernel.resolve(token, 'blunt'));
    expect(() => kernel.resolve(token, 'blunt', { edge: 0 })).toThrow(
      expect.objectContaining({ code: 'AF_CONFIG_INVALID' }),
    );
  });
});

describe('resolving', () => {
  it('creates once and lazily, and names who failed to create', async () => {
    let made = 0;
    const lazy = definePlugin({
      name: 'lazy',
      apply: (forge) => {
        forge.provide(TOOL, 'lazy', () => ({ made: String((made += 1)), options: null }));
        forge.provide(TOOL, 'bad', () => {
          throw new Error('no luck');
        });
      },
    });
    const kernel = await boot({ plugins: [lazy()] });
    expect(made).toBe(0);
    expect(kernel.resolve(TOOL, 'lazy')).toBe(kernel.resolve(TOOL, 'lazy'));
    expect(made).toBe(1);
    expect(() => kernel.resolve(TOOL, 'bad')).toThrow(
      expect.objectContaining({ code: 'AF_PLUGIN_CREATE', message: expect.stringContaining('"lazy"') }),
    );
  });

  it('tells implementations that need each other to be created', async () => {
    const knot = definePlugin({
      name: 'knot',
      apply: (forge) => {
        forge.provide(TOOL, 'left', () => forge.resolve(TOOL, 'right'));
        forge.provide(TOOL, 'right', () => forge.resolve(TOOL, 'left'));
      },
    });
    const kernel = await boot({ plugins: [knot()] });
    expect(() => kernel.resolve(TOOL, 'left')).toThrow(
      expect.objectContaining({
        code: 'AF_PLUGIN_CYCLE',
        message: expect.stringContaining('tool "left" -> tool "right" -> tool "left"'),
      }),
    );
  });

  it('suggests the nearest name', async () => {
    const kernel = await boot({});
    expect(() => kernel.resolve(TOOL, 'sow')).toThrow(
      expect.objectContaining({
        code: 'AF_PLUGIN_UNKNOWN',
        fix: expect.stringContaining('Did you mean "saw"?'),
      }),
    );
    expect(() => kernel.resolve({ id: 'nothing' })).toThrow(
      expect.objectContaining({ code: 'AF_PLUGIN_UNKNOWN' }),
    );
  });

  it('is by kernel: two in one process do not see each other', async () => {
    const left = await boot({ plugins: [tool('mine')()] });
    const right = await boot({});
    expect(left.names(TOOL)).toContain('mine');
    expect(right.names(TOOL)).not.toContain('mine');
    expect(left.resolve(TOOL, 'saw')).not.toBe(right.resolve(TOOL, 'saw'));
    left.hooks.onDispose.tap('x', () => undefined);
    expect(right.timings().some(({ plugin }) => plugin === 'x')).toBe(false);
  });
});

describe('modifyConfig', () => {
  const idle = (name: string) =>
    definePhase({
      name,
      options: SharpOptions,
      create: (options) => ({
        title: name,
        input: null,
        output: null,
        metrics: [],
        gates: [],
        run: () => Promise.resolve(resultOf({ metrics: { edge: options.edge } })),
      }),
    });
  const modifying = (change: (config: Record<string, unknown>) => Record<string, unknown>) =>
    definePlugin({
      name: 'modifier',
      provides: [],
      apply: (forge) => forge.hooks.modifyConfig.tap('change', change),
    })();
  const builtins = [{ name: 'sleep', point: 'phase', load: () => Promise.resolve(idle('sleep')) }];

  it('may change the pipeline, options of phases and settings; provenance says so', async () => {
    const plugin = modifying((config) => ({
      ...config,
      seed: 9,
      pipeline: [...(config['pipeline'] as string[]), 'sleep'],
      phases: { sleep: { edge: 8 } },
    }));
    const kernel = await boot({ plugins: [plugin], pipeline: [idle('nap')()] }, { builtins });
    expect(kernel.config).toMatchObject({
      seed: 9,
      pipeline: [
        { name: 'nap', options: { edge: 3 } },
        { name: 'sleep', options: { edge: 8 } },
      ],
    });
    expect(kernel.provenance['seed']).toBe('modifyConfig');
    expect(kernel.resolve({ id: 'phase' }, 'sleep')).toBeDefined();
  });

  it('may not break it', async () => {
    expect(
      (
        await failure(
          { plugins: [modifying((config) => ({ ...config, seed: 'x', pipeline: ['slepe'] }))] },
          { builtins },
        )
      ).problems,
    ).toMatchObject([
      { at: 'seed', source: 'modifyConfig' },
      { at: 'pipeline[0]', source: 'modifyConfig', suggestion: 'sleep' },
    ]);
    expect(
      await failure({ plugins: [modifying((config) => ({ ...config, plugins: ['other'] }))] }),
    ).toMatchObject({ code: 'AF_CONFIG_INVALID', at: 'hook modifyConfig' });
  });
});

describe('scope "storage"', () => {
  it('loads registry, storage and plugins of the config, and no more', async () => {
    let loaded = 0;
    const heavy = {
      name: 'heavy',
      point: 'phase',
      load: () => {
        loaded += 1;
        return Promise.reject(new Error('heavy'));
      },
    };
    const { files, lowdb } = {
      files: await import('../../../plugins/storages/files.js'),
      lowdb: await import('../../../plugins/registries/lowdb/index.js'),
    };
    const builtins = [
      heavy,
      { name: 'files', point: 'storage', load: () => Promise.resolve(files.files) },
      { name: 'lowdb', point: 'registry', load: () => Promise.resolve(lowdb.lowdb) },
    ];
    const kernel = await boot(
      { pipeline: ['heavy'], phases: { heavy: { steps: 1 } } },
      { builtins, scope: 'storage' },
    );
    expect(loaded).toBe(0);
    expect(await kernel.sessions()).toEqual([]);
    await expect(kernel.run()).rejects.toMatchObject({ code: 'AF_INTERNAL' });
    expect((await failure({ pipeline: ['heavy'] }, { builtins })).problems).toMatchObject([
      { at: 'pipeline[0]', message: expect.stringContaining('cannot be loaded: heavy') },
    ]);
  });
});

it('only plugins that can change a result change the hash', async () => {
  const quiet = defineSink({ name: 'quiet', create: () => ({ write: () => undefined }) });
  const hash = async (config: ForgeConfig): Promise<string> => (await boot(config)).configHash;
  const base = await hash({});
  expect(
    await hash({ plugins: [quiet()], sinks: ['quiet'], storage: { root: 'x' }, gates: { policy: 'strict' } }),
  ).toBe(base);
  expect(await hash({ plugins: [tool('a')()] })).not.toBe(base);
  expect(await hash({ options: { saw: { edge: 3 } } })).not.toBe(base);
  expect(await hash({ seed: 1 })).not.toBe(base);
});
