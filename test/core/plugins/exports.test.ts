import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createToken, type ForgeConfig } from '../../../core/contracts/index.js';
import { isForgeError, type Problem } from '../../../core/errors/index.js';
import { createTestKernel, type TestKernel } from '../../../testing/kernel.js';

interface Tool {
  readonly edge: number;
}
const TOOL = createToken<Tool>('tool');

const HEAD = `
  import { definePhase, definePlugin, loadHandoffSchema, Type, withDefault } from 'agentforge';
  const tool = (name) => definePlugin({
    name,
    options: Type.Object({ edge: withDefault(Type.Integer(), 3) }, { additionalProperties: false }),
    apply: (forge, { edge }) => forge.provide({ id: 'tool' }, name, () => ({ edge })),
  });
  const phase = (name) => definePhase({
    name,
    create: () => ({
      title: name, input: null, output: loadHandoffSchema('envelope'), metrics: [], gates: [],
      run: async () => { throw new Error('not run here'); },
    }),
  });
  const [saw, axe] = [tool('saw'), tool('axe')];
`;

let folder: string;
const opened: TestKernel[] = [];
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'agentforge-exports-'))));
afterEach(async () => {
  for (const test of opened.splice(0)) await test.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function boot(config: ForgeConfig): Promise<TestKernel['kernel']> {
  const modules = { agentforge: () => import('../../../core/index.js') };
  const test = await createTestKernel({ folder, modules, config });
  opened.push(test);
  return test.kernel;
}

async function problemsOf(config: ForgeConfig): Promise<readonly Problem[]> {
  try {
    await boot(config);
  } catch (error) {
    if (isForgeError(error)) return error.problems;
    throw error;
  }
  throw new Error('the kernel booted');
}

async function file(name: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), content);
}

/** Tools that a module brings, by name and edge. */
async function toolsOf(body: string, name = 'tools.ts'): Promise<Record<string, number>> {
  await file(name, HEAD + body);
  const kernel = await boot({ plugins: [`./${name}`] });
  return Object.fromEntries(kernel.names(TOOL).map((tool) => [tool, kernel.resolve(TOOL, tool).edge]));
}

describe('a module gives', () => {
  test.each([
    ['a factory', 'export default saw;', { saw: 3 }],
    ['an instance', 'export default saw({ edge: 5 });', { saw: 5 }],
    ['a list of instances', 'export default [saw({ edge: 5 }), axe()];', { saw: 5, axe: 3 }],
    ['a list of factories', 'export default [saw, axe];', { saw: 3, axe: 3 }],
    [
      'a nested list with parts switched off',
      'export default [[saw()], false, null, [axe]];',
      { saw: 3, axe: 3 },
    ],
    [
      'the list, whatever else it exports',
      'export const x = 1; export { axe }; export default [saw];',
      { saw: 3 },
    ],
    ['its only named plugin', 'export const x = 1; export { saw };', { saw: 3 }],
    ['one plugin under two names', 'export { saw, saw as sharp };', { saw: 3 }],
  ])('%s', async (_, body, tools) => {
    expect(await toolsOf(body)).toEqual(tools);
  });

  test.each([['module.exports = [saw, axe({ edge: 4 })];'], ['exports.default = [saw, axe({ edge: 4 })];']])(
    'a list from CommonJS: %s',
    async (body) => {
      expect(await toolsOf(body, 'tools.cts')).toEqual({ saw: 3, axe: 4 });
    },
  );

  test('a list as a package', async () => {
    const name = 'agentforge-plugin-shed';
    await file(
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, type: 'module', exports: './main.js' }),
    );
    await file(`node_modules/${name}/main.js`, `${HEAD} export default [saw(), axe()];`);
    expect((await boot({ plugins: ['shed'] })).names(TOOL)).toEqual(['saw', 'axe']);
  });

  test('phases and what they need, listed in the pipeline', async () => {
    await file('phases.ts', `${HEAD} export default [phase('first')(), saw(), phase('second')()];`);
    const kernel = await boot({ pipeline: ['./phases.ts'] });
    expect(kernel.config.pipeline.map(({ name }) => name)).toEqual(['first', 'second']);
    expect(kernel.names(TOOL)).toEqual(['saw']);
  });
});

describe('options beside a module', () => {
  test('go to its one plugin, also when it stands in a list', async () => {
    await file('tools.ts', `${HEAD} export default [saw({ edge: 5 })];`);
    expect((await boot({ plugins: [['./tools.ts', { edge: 9 }]] })).resolve(TOOL, 'saw').edge).toBe(9);
  });

  test('to one of several are given by name', async () => {
    await file('tools.ts', `${HEAD} export default [saw, axe];`);
    const kernel = await boot({ plugins: ['./tools.ts'], options: { axe: { edge: 9 } } });
    expect(kernel.resolve(TOOL, 'axe').edge).toBe(9);
    expect(await problemsOf({ plugins: [['./tools.ts', { edge: 9 }]] })).toMatchObject([
      {
        at: 'plugins[0]',
        message: expect.stringContaining('several plugins'),
        fix: expect.stringContaining('options.saw'),
      },
    ]);
  });
});

describe('a module that gives no plugin is told what was found', () => {
  test.each([
    ['export const x = 1;', 'x: 1', 'export default defineMerge'],
    ['', 'nothing', 'export default defineMerge'],
    [
      'export default function mine() { return saw(); }',
      'default: function mine',
      'not a function of your own',
    ],
    ['export default { name: "x", apply() {} };', 'default: an object with name, apply', 'definePlugin'],
    ['export default [saw, 3];', 'default[1]: 3', 'export default'],
    ['export default [saw, [axe, () => axe()]];', 'default[1][1]: a function', 'not a function of your own'],
    ['export default [];', 'default: an empty list', 'export default'],
    ['export default Promise.resolve(saw());', 'default: a promise', 'await'],
    ['export { saw, axe };', 'axe: plugin axe, saw: plugin saw', 'export default [...]'],
  ])('%s', async (body, found, fix) => {
    await file('tools.ts', HEAD + body);
    expect(await problemsOf({ plugins: ['./tools.ts'] })).toMatchObject([
      {
        at: 'plugins[0]',
        message: expect.stringMatching(/^\.\/tools\.ts exports/),
        found,
        fix: expect.stringContaining(fix),
      },
    ]);
  });

  test('two of one name in a list are told', async () => {
    await file('tools.ts', `${HEAD} export default [saw(), saw({ edge: 4 })];`);
    expect(await problemsOf({ plugins: ['./tools.ts'] })).toMatchObject([
      { at: 'plugins[0]', message: expect.stringContaining('"saw" is listed twice') },
    ]);
  });
});
