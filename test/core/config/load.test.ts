import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseOverride } from '../../../core/config/overrides.js';
import type { Kernel } from '../../../core/kernel/types.js';
import {
  createKernel,
  defineConfig,
  defineSink,
  type CreateKernelOptions,
  type ForgeConfig,
} from '../../../core/index.js';
import { isForgeError, type ForgeError } from '../../../core/errors/index.js';

let folder: string;
const kernels: Kernel[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentforge-config-'));
  await files({ 'package.json': '{"name":"project"}' });
});
afterEach(async () => {
  for (const kernel of kernels.splice(0)) await kernel.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function files(contents: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(contents)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

async function boot(options: Partial<CreateKernelOptions> = {}): Promise<Kernel> {
  const modules = { agentforge: () => import('../../../core/index.js') };
  const kernel = await createKernel({ cwd: folder, env: {}, modules, ...options });
  kernels.push(kernel);
  return kernel;
}

async function failure(options: Partial<CreateKernelOptions> = {}): Promise<ForgeError> {
  try {
    await boot(options);
  } catch (error) {
    if (isForgeError(error)) return error;
    throw error;
  }
  throw new Error('the kernel booted');
}

describe('finding a config', () => {
  it.each([
    [
      'agentforge.config.ts',
      `import { defineConfig } from 'agentforge';\nenum Seed { Mine = 7 }\nexport default defineConfig({ seed: Seed.Mine as number });`,
    ],
    ['agentforge.config.mts', `export default { seed: 7 } satisfies object;`],
    ['agentforge.config.js', `module.exports = { seed: 7 };`],
    [
      'agentforge.config.mjs',
      `const { seed } = await Promise.resolve({ seed: 7 });\nexport default { seed };`,
    ],
    ['agentforge.config.cjs', `module.exports = () => ({ seed: 7 });`],
    ['agentforge.config.json', `{ "$schema": "./config.schema.json", "seed": 7 }`],
    ['agentforge.config.yaml', `# mine\nseed: 7\n`],
    ['agentforge.config.yml', `seed: 0x7\n`],
    ['.agentforgerc', `{ "seed": 7 }`],
    ['.agentforgerc.yaml', `seed: 7`],
    ['package.json', `{ "name": "x", "agentforge": { "seed": 7 } }`],
  ])('%s', async (name, content) => {
    await files({ [name]: content });
    const kernel = await boot();
    expect(kernel.config.seed).toBe(7);
    expect(kernel.configFile).toBe(join(folder, name));
    expect(kernel.provenance['seed']).toBe(name);
    expect(kernel.paths).toEqual({
      base: folder,
      storage: join(folder, '.agentforge'),
      data: null,
      cache: join(folder, '.agentforge/cache'),
    });
  });

  it('goes up to the root of the project, and folders start from the file found', async () => {
    await files({ 'agentforge.config.json': '{"data":{"root":"corpus"}}', 'deep/er/x': '' });
    const kernel = await boot({ cwd: join(folder, 'deep/er') });
    expect(kernel.paths.data).toBe(join(folder, 'corpus'));
  });

  it('may be left to a path: its paths start from its folder, the storage is that of the working folder', async () => {
    await files({
      'examples/my.config.ts': `export default async () => ({ seed: 3, data: { root: 'corpus' } });`,
    });
    const kernel = await boot({ configPath: 'examples/my.config.ts' });
    expect(kernel.config.seed).toBe(3);
    expect(kernel.paths.data).toBe(join(folder, 'examples/corpus'));
    expect(kernel.paths.storage).toBe(join(folder, '.agentforge'));
  });

  it('fails when there is none, with the command that makes one', async () => {
    const error = await failure();
    expect(error).toMatchObject({ code: 'AF_CONFIG_NOT_FOUND', at: folder, exitCode: 2 });
    expect(error.fix).toContain('agentforge init');
    expect(await failure({ configPath: 'nowhere.json' })).toMatchObject({
      code: 'AF_CONFIG_NOT_FOUND',
      at: join(folder, 'nowhere.json'),
    });
  });

  it.each([
    ['agentforge.config.ts', 'export default { seed: ', 'agentforge.config.ts'],
    ['agentforge.config.ts', `import './missing.js'; export default {};`, 'missing'],
    ['agentforge.config.ts', `throw new Error('not today');`, 'not today'],
    ['agentforge.config.ts', `export default () => { throw new Error('not today'); };`, 'not today'],
    ['agentforge.config.json', '{ "seed": 1, ', 'line 1'],
    ['agentforge.config.yaml', 'a: 1\nb: [1,\n', 'line'],
    ['agentforge.config.yaml', 'seed: 1\nseed: 2\n', 'unique'],
  ])('%s that cannot be loaded is named with the reason', async (name, content, reason) => {
    await files({ [name]: content });
    const error = await failure();
    expect(error.code).toBe('AF_CONFIG_LOAD');
    expect(error.at).toBe(join(folder, name));
    expect(error.message).toContain(reason);
  });

  it.each(['export default 3;', 'export default [];', 'export const seed = 3;'])(
    '%s is no config',
    async (content) => {
      await files({ 'agentforge.config.ts': content });
      const error = await failure();
      expect(error.code).toBe('AF_CONFIG_INVALID');
    },
  );
});

describe('layers', () => {
  const presets = {
    small: () =>
      defineConfig({
        seed: 1,
        storage: { keepCheckpoints: 9 },
        sinks: ['a'],
        plugins: [defineSink({ name: 'a', create: () => ({ write: () => undefined }) })()],
        cleanup: { auto: false },
      }),
    loud: () =>
      Promise.resolve(() =>
        Promise.resolve({ extends: 'small', sinks: [], gates: { policy: 'strict' } } as const),
      ),
  };

  it('merge records, replace lists, later over earlier; --set wins', async () => {
    await files({
      'base.yaml': 'storage: { root: base-store }\nseed: 5\n',
      'agentforge.config.ts': `export default { extends: ['loud', './base.yaml', { data: { cache: 'c' } }], seed: 6, storage: { keepCheckpoints: 2 } };`,
    });
    const kernel = await boot({
      presets,
      overrides: [
        parseOverride('storage.keepCheckpoints=4'),
        parseOverride('cleanup.maxSessions=1'),
        parseOverride('cleanup.maxSessions=2'),
      ],
    });
    expect(kernel.config).toMatchObject({
      seed: 6,
      sinks: [],
      storage: { root: 'base-store', keepCheckpoints: 4 },
      gates: { policy: 'strict' },
      cleanup: { auto: false, maxSessions: 2, failedDays: 7 },
      data: { root: null, cache: 'c' },
    });
    expect(kernel.layers.map(({ name }) => name)).toEqual([
      'defaults',
      'preset small',
      'preset loud',
      'base.yaml',
      'agentforge.config.ts extends[2]',
      'agentforge.config.ts',
      '--set',
    ]);
    expect(kernel.provenance).toMatchObject({
      seed: 'agentforge.config.ts',
      sinks: 'preset loud',
      'storage.root': 'base.yaml',
      'storage.keepCheckpoints': '--set',
      'cleanup.auto': 'preset small',
      'cleanup.failedDays': 'defaults',
      'data.cache': 'agentforge.config.ts extends[2]',
    });
  });

  it('a preset alone stands in for the config file; with a path it lies below', async () => {
    await files({ 'agentforge.config.json': '{"seed":8}' });
    expect((await boot({ presets, preset: 'small' })).config.seed).toBe(1);
    const both = await boot({ presets, preset: 'small', configPath: 'agentforge.config.json' });
    expect(both.config).toMatchObject({ seed: 8, storage: { keepCheckpoints: 9 } });
  });

  it('an unknown preset and a circle are told', async () => {
    expect((await failure({ presets, preset: 'smal' })).problems).toMatchObject([
      { at: '--preset', suggestion: 'small' },
    ]);
    await files({ 'a.json': '{"extends":"./b.json"}', 'b.json': '{"extends":["./a.json"]}' });
    const { problems } = await failure({ configPath: 'a.json' });
    expect(problems).toMatchObject([{ message: expect.stringContaining('a.json -> ') }]);
    expect(
      (await failure({ config: { extends: 'quickstrat' }, presets: { quickstart: () => ({}) } })).problems,
    ).toMatchObject([{ at: 'config: extends', suggestion: 'quickstart' }]);
  });

  it('AGENTFORGE_DATA gives the data folder unless the config does', async () => {
    const env = { AGENTFORGE_DATA: '../data' };
    const kernel = await boot({ config: {}, env });
    expect(kernel.config.data.root).toBe('../data');
    expect(kernel.paths.data).toBe(join(folder, '../data'));
    expect(kernel.provenance['data.root']).toBe('AGENTFORGE_DATA');
    expect((await boot({ config: { data: { root: 'mine' } }, env })).config.data.root).toBe('mine');
  });
});

describe('--set', () => {
  it.each([
    ['seed=7', 'seed', 7],
    ['a.b={"c":[1]}', 'a.b', { c: [1] }],
    ['name=plain text = x', 'name', 'plain text = x'],
    ['flag=true', 'flag', true],
    ['none=null', 'none', null],
    ['text="7"', 'text', '7'],
    ['empty=', 'empty', ''],
  ])('%s', (text, path, value) => {
    expect(parseOverride(text)).toEqual({ path, value });
  });

  it.each(['seed', '=3', 'a..b=1', 'a[=1'])('%s is refused', (text) => {
    expect(() => parseOverride(text)).toThrow(expect.objectContaining({ code: 'AF_USAGE' }));
  });

  it('cannot reach prototypes', async () => {
    const overrides = [parseOverride('__proto__.polluted=1'), parseOverride('storage.__proto__.polluted=1')];
    expect((await failure({ config: {}, overrides })).code).toBe('AF_CONFIG_INVALID');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('what is wrong', () => {
  it('is told all at once, with file, path, value found and what was expected', async () => {
    await files({
      'base.json': '{"storage":{"keepCheckpoint":3},"gates":{"policy":"strct"}}',
      'agentforge.config.json':
        '{"extends":"./base.json","sede":1,"seed":"42","plugins":["nothing-like-it",7],"options":{"fles":{}},"pipeline":["a"],"data":[]}',
    });
    const { problems, code, message } = await failure({ overrides: [parseOverride('cleanup.auto=maybe')] });
    expect(code).toBe('AF_CONFIG_INVALID');
    expect(message).toMatch(/^The configuration has \d+ problems, the first: /);
    const wanted = [
      { source: 'base.json', at: 'storage.keepCheckpoint', suggestion: 'keepCheckpoints' },
      {
        source: 'base.json',
        at: 'gates.policy',
        found: '"strct"',
        expected: 'one of "research", "strict"',
        suggestion: 'strict',
      },
      { source: 'agentforge.config.json', at: 'sede', suggestion: 'seed', found: '1' },
      { source: 'agentforge.config.json', at: 'seed', expected: 'integer >= 0 <= 4294967295', found: '"42"' },
      { source: 'agentforge.config.json', at: 'plugins[0]', message: 'unknown plugin "nothing-like-it"' },
      { source: 'agentforge.config.json', at: 'plugins[1]', message: 'is not a plugin', found: '7' },
      { source: 'agentforge.config.json', at: 'options.fles', message: 'unknown plugin "fles"' },
      { source: 'agentforge.config.json', at: 'pipeline[0]', message: 'unknown phase "a"' },
      { source: 'agentforge.config.json', at: 'data', expected: 'an object', found: 'an empty list' },
      { source: '--set', at: 'cleanup.auto', expected: 'boolean', found: '"maybe"' },
    ];
    for (const problem of wanted) expect(problems).toContainEqual(expect.objectContaining(problem));
    expect(problems).toHaveLength(wanted.length);
  });

  it.each([
    [{ sinks: 'console' }, 'sinks'],
    [{ sinks: ['nope'] }, 'sinks[0]'],
    [{ engine: 'nope' }, 'engine'],
    [{ registry: '' }, 'registry'],
    [{ pipeline: 'first' }, 'pipeline'],
    [{ plugins: { a: 1 } }, 'plugins'],
    [{ phases: { nope: {} } }, 'phases.nope'],
    [{ extends: 3 }, 'config extends'],
    [{ seed: 2 ** 40 }, 'seed'],
    [{ plugins: [{ use: 'x', option: {} }] }, 'plugins[0].option'],
    [{ plugins: [{ use: 'x', options: 3 }] }, 'plugins[0].options'],
  ])('%j is refused at %s', async (config, at) => {
    expect(
      (await failure({ config: config as ForgeConfig })).problems.map((problem) => problem.at),
    ).toContain(at);
  });
});
