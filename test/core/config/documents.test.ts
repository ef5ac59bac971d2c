import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { documentFlaws } from '../../../core/contracts/index.js';
import { parseOverride, type ForgeConfig } from '../../../core/index.js';
import { Project } from './support/project.js';

let project: Project;
beforeEach(async () => {
  project = await Project.make();
});
afterEach(() => project.remove());

const MARK = '\uFEFF';
const cyclic = (): ForgeConfig => {
  const config: Record<string, unknown> = { seed: 1 };
  config['extends'] = [config];
  return config as ForgeConfig;
};

describe('keys into prototypes are refused', () => {
  it.each([
    ['agentforge.config.json', '{"phases":{"a":{"__proto__":{"population":5}}}}', 'phases.a.__proto__'],
    ['agentforge.config.yaml', 'options:\n  constructor: { a: 1 }\n', 'options.constructor'],
    ['agentforge.config.ts', 'export default { storage: { prototype: 1 } };', 'storage.prototype'],
    [
      'agentforge.config.ts',
      'export default { phases: { a: { __proto__: { population: 5 } } } };',
      'phases.a.__proto__',
    ],
    [
      'agentforge.config.ts',
      'export default { phases: { a: Object.create({ population: 5 }) } };',
      'phases.a.__proto__',
    ],
    ['agentforge.config.json', '{"plugins":[["x",{"__proto__":{}}]]}', 'plugins[0][1].__proto__'],
    ['agentforge.config.json', '{"__proto__":{"seed":3}}', '__proto__'],
    ['package.json', '{"agentforge":{"data":{"__proto__":{"root":"x"}}}}', 'data.__proto__'],
  ])('%s: %s', async (file, content, at) => {
    await project.write({ [file]: content });
    expect((await project.failure()).problems).toMatchObject([
      { at, source: file, message: expect.stringContaining('cannot be a key') },
    ]);
  });

  it.each([
    '__proto__.seed=1',
    'storage.__proto__.root=x',
    'phases={"constructor":1}',
    'options["prototype"]=1',
  ])('--set %s', async (text) => {
    const { problems } = await project.failure({ config: {}, overrides: [parseOverride(text)] });
    expect(problems).toMatchObject([
      { source: '--set', message: expect.stringContaining('cannot be a key') },
    ]);
    expect(({} as { seed?: unknown }).seed).toBeUndefined();
  });

  it('in what a preset or a plugin of a module is given', async () => {
    const hostile = JSON.parse('{"a":{"__proto__":{"b":1}}}') as Record<string, never>;
    const presets = { bad: () => ({ phases: hostile }) };
    expect((await project.failure({ presets, preset: 'bad' })).problems).toMatchObject([
      { at: 'phases.a.__proto__', source: 'preset bad' },
    ]);
  });
});

describe('documents without an end are refused', () => {
  it.each([
    ['plugins: &p [*p]\n', 'plugins[0]'],
    ['phases: &p { a: *p }\n', 'phases.a'],
    ['extends: &e { extends: *e }\n', 'extends.extends'],
    [`data: ${'{ a: '.repeat(150)}1${' }'.repeat(150)}\n`, 'data.a.a'],
  ])('%.40s', async (content, at) => {
    await project.write({ 'agentforge.config.yaml': content });
    expect((await project.failure()).problems).toMatchObject([{ at }]);
  });

  it('as values of a module too; an alias that is no circle is none', async () => {
    expect((await project.failure({ config: cyclic() })).problems).toMatchObject([
      { at: 'extends[0]', message: 'contains itself' },
    ]);
    const shared = { a: 1 };
    expect(documentFlaws({ one: shared, two: [shared, shared] })).toEqual([]);
    await project.write({
      'agentforge.config.yaml': 'cleanup: &c { maxSessions: 3 }\nextends: { cleanup: *c }\n',
    });
    expect((await project.boot()).config.cleanup.maxSessions).toBe(3);
  });

  it('instances and functions are not looked into', () => {
    class Client {
      readonly self = this;
    }
    expect(documentFlaws({ client: new Client(), call: () => 1, when: new Date(0) })).toEqual([]);
  });
});

describe('what a layer would silently ignore is refused', () => {
  it.each(['extends=quickstart', 'extends=["./x.json"]', '$schema=x'])('--set %s', async (text) => {
    const { problems } = await project.failure({ config: {}, overrides: [parseOverride(text)] });
    expect(problems).toMatchObject([{ at: text.split('=')[0], source: '--set' }]);
  });

  it.each(['x["\\q"]=true', 'x["\\u12"]=1'])('--set %s is no path', (text) => {
    expect(() => parseOverride(text)).toThrow(expect.objectContaining({ code: 'AF_USAGE' }));
  });
});

describe('byte order marks and neighbours', () => {
  it.each([
    ['agentforge.config.json', `${MARK}{"seed":7}`],
    ['agentforge.config.yaml', `${MARK}seed: 7\n`],
    ['agentforge.config.ts', `${MARK}export default { seed: 7 };`],
    ['.agentforgerc', `${MARK}seed: 7\n`],
    ['package.json', `${MARK}{"agentforge":{"seed":7}}`],
    ['package.json', '{\n\t"agentforge": {\n\t\t"seed": 7\n\t}\n}'],
  ])('%s: %j', async (file, content) => {
    await project.write({ [file]: content });
    expect((await project.boot()).config.seed).toBe(7);
  });

  it.each(['{ broken', `${MARK}{"name":"x"}`, '[', ''])(
    'a package.json with %j beside a config',
    async (content) => {
      for (const [file, text] of [
        ['agentforge.config.yaml', 'seed: 7\n'],
        ['.agentforgerc.json', '{"seed":7}'],
      ] as const) {
        const each = await Project.make();
        await each.write({ 'package.json': content, [file]: text });
        expect((await each.boot()).config.seed).toBe(7);
        await each.remove();
      }
    },
  );

  it('a broken package.json alone is told', async () => {
    await project.write({ 'package.json': '{ broken' });
    expect(await project.failure()).toMatchObject({
      code: 'AF_CONFIG_LOAD',
      at: project.path('package.json'),
    });
  });
});

describe('only regular files are read', () => {
  const pipe = (name: string): void => void execFileSync('mkfifo', [project.path(name)]);

  it.each(['a.yaml', 'a.ts', 'a.json'])('%s that is a named pipe', async (name) => {
    pipe(name);
    expect(await project.failure({ configPath: name })).toMatchObject({
      code: 'AF_STORAGE_NOT_A_FILE',
      at: project.path(name),
      exitCode: 2,
    });
  });

  it.each(['agentforge.config.ts', 'agentforge.config.yaml', '.agentforgerc'])(
    '%s where it is looked for',
    async (name) => {
      pipe(name);
      await mkdir(project.path('deep'));
      expect(await project.failure({ cwd: project.path('deep') })).toMatchObject({
        code: 'AF_STORAGE_NOT_A_FILE',
      });
    },
  );

  it('devices and folders', async () => {
    await mkdir(project.path('folder.yaml'));
    for (const configPath of ['/dev/zero', '/dev/null', 'folder.yaml', '.'])
      expect(await project.failure({ configPath })).toMatchObject({ code: 'AF_STORAGE_NOT_A_FILE' });
  });

  it('plugins and extended configs', async () => {
    pipe('plugin.ts');
    expect((await project.failure({ config: { plugins: ['./plugin.ts'] } })).problems).toMatchObject([
      { at: 'plugins[0]', message: expect.stringContaining('a named pipe') },
    ]);
    expect(await project.failure({ config: { extends: './plugin.ts' } })).toMatchObject({
      code: 'AF_STORAGE_NOT_A_FILE',
    });
  });
});

it('relative paths start at the file that says them, whatever the working folder is', async () => {
  await project.write({
    'base/base.yaml': 'storage: { root: store }\ndata: { root: ../corpus }\n',
    'agentforge.config.json': '{"extends":"./base/base.yaml","data":{"cache":"./cache"}}',
    'deep/er/x': '',
  });
  const cwd = project.path('deep/er');
  const kernel = await project.boot({ cwd });
  const folders = { storage: 'base/store', data: 'corpus', cache: 'cache' };
  expect(kernel.paths).toMatchObject(
    Object.fromEntries(Object.entries(folders).map(([key, path]) => [key, project.path(path)])),
  );
  expect(kernel.config).toMatchObject({
    storage: { root: 'base/store' },
    data: { root: 'corpus', cache: './cache' },
  });
  const set = await project.boot({ cwd, overrides: [parseOverride('storage.root=mine')] });
  expect(set.paths.storage).toBe(join(cwd, 'mine'));
  const absolute = await project.boot({ cwd, overrides: [parseOverride('storage.root=/there')] });
  expect(absolute.paths.storage).toBe('/there');
});
