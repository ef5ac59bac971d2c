import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configTemplate } from '../../create-agentforge/config-template.js';
import { main } from '../../create-agentforge/main.js';
import { PRESET_NAMES } from '../../create-agentforge/request.js';
import { PRESETS } from '../../presets/catalogue.js';
import { runCli, temporaryFolder, TestIo } from '../support/cli.js';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => folder.remove());

interface Created {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

async function create(
  argv: readonly string[],
  { cwd = '.', env = {} }: { readonly cwd?: string; readonly env?: Record<string, string> } = {},
): Promise<Created> {
  let [out, err] = ['', ''];
  const exitCode = await main(argv, {
    cwd: join(folder.path, cwd),
    env,
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { exitCode, out, err };
}

const read = (...path: string[]): string => readFileSync(join(folder.path, ...path), 'utf8');
const manifest = (...path: string[]) => JSON.parse(read(...path, 'package.json')) as Record<string, unknown>;

test('it is released together with agentforge, for the same versions of Node, and depends on nothing', () => {
  const [own, agentforge] = ['create-agentforge/package.json', 'package.json'].map(
    (file) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>,
  );
  expect(own!['version']).toBe(agentforge!['version']);
  expect(own!['engines']).toEqual(agentforge!['engines']);
  expect(own!['dependencies']).toBeUndefined();
});

test('it knows the presets of agentforge', () => {
  expect([...PRESET_NAMES].sort()).toEqual(Object.keys(PRESETS).sort());
});

describe('what it writes', () => {
  const FILES = [
    '.gitignore',
    '.npmrc',
    'README.md',
    'agentforge.config.ts',
    'package.json',
    'plugins',
    'tsconfig.json',
  ];

  test('a project in a folder of its own, and the two commands to type', async () => {
    const { exitCode, out, err } = await create(['my-models']);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(readdirSync(join(folder.path, 'my-models')).sort()).toEqual(FILES);
    expect(readdirSync(join(folder.path, 'my-models', 'plugins')).sort()).toEqual([
      'average.test.ts',
      'average.ts',
    ]);
    expect(out).toContain('  cd my-models && npm install\n  npx agentforge run\n');
    expect(manifest('my-models')).toMatchObject({ name: 'my-models', private: true, type: 'module' });
  });

  test('in this folder when none is named; a repository may be there', async () => {
    mkdirSync(join(folder.path, 'here', '.git'), { recursive: true });
    const { exitCode, out } = await create([], { cwd: 'here' });
    expect(exitCode).toBe(0);
    expect(out).toContain('\n  npm install\n');
    expect(manifest('here')['name']).toBe('here');
  });

  test('the setting that keeps install scripts from running', async () => {
    await create(['my-models']);
    const settings = read('my-models', '.npmrc')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(';'));
    expect(settings).toEqual(['ignore-scripts=true']);
  });

  test('it depends on the release it belongs to, or on what it is told', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    await create(['a']);
    expect(manifest('a')['dependencies']).toEqual({ agentforge: `^${version}` });
    await create(['b', '--agentforge', 'file:packed.tgz']);
    expect(manifest('b')['dependencies']).toEqual({ agentforge: `file:${join(folder.path, 'packed.tgz')}` });
  });

  test.each(['ts', 'json', 'yaml'])(
    'a config in %s that agentforge accepts, with the plugin in it',
    async (format) => {
      expect((await create(['my-models', '--format', format])).exitCode).toBe(0);
      const io = new TestIo(join(folder.path, 'my-models'));
      const { exitCode, stdout, stderr } = await runCli(['config', '--validate'], io);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toContain(`agentforge.config.${format} is valid`);
      const plugins = await runCli(['plugins', 'average'], new TestIo(join(folder.path, 'my-models')));
      expect(plugins.exitCode).toBe(0);
      expect(read('my-models', 'README.md')).toContain(`agentforge.config.${format}`);
      expect(read('my-models', 'README.md')).not.toContain('{{');
    },
  );

  test.each([...PRESET_NAMES])('a config that starts from %s', async (preset) => {
    expect((await create(['my-models', '--preset', preset])).exitCode).toBe(0);
    const config = await runCli(['config', '--json'], new TestIo(join(folder.path, 'my-models')));
    expect(config.exitCode).toBe(0);
    expect(read('my-models', 'agentforge.config.ts')).toBe(
      configTemplate(preset, 'ts', { factory: 'average', file: './plugins/average.ts' }),
    );
  });

  test('agentforge init writes the same config, without the plugin', async () => {
    await create(['my-models']);
    mkdirSync(join(folder.path, 'other'));
    await runCli(['init'], new TestIo(join(folder.path, 'other')));
    const withPlugin = read('my-models', 'agentforge.config.ts').split('\n');
    const without = read('other', 'agentforge.config.ts').split('\n');
    expect(withPlugin.filter((line) => !without.includes(line))).toEqual([
      "import { average } from './plugins/average.ts';",
      '  // Plugins of your own, beside the built-in ones. "agentforge plugins" lists them all.',
      '  plugins: [average()],',
    ]);
  });
});

describe('what it refuses, before anything is written', () => {
  test('a folder that is not empty, and says what is in the way', async () => {
    mkdirSync(join(folder.path, 'mine', 'plugins'), { recursive: true });
    writeFileSync(join(folder.path, 'mine', 'package.json'), '{}');
    const { exitCode, out, err } = await create(['mine']);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toContain('is not empty: package.json, plugins.');
    expect(err).toContain('--force');
    expect(readdirSync(join(folder.path, 'mine'))).toEqual(['package.json', 'plugins']);
  });

  test('unless forced: then files of the same names are written over and the others stay', async () => {
    mkdirSync(join(folder.path, 'mine'));
    writeFileSync(join(folder.path, 'mine', 'package.json'), '{}');
    writeFileSync(join(folder.path, 'mine', 'notes.md'), 'keep');
    expect((await create(['mine', '--force'])).exitCode).toBe(0);
    expect(read('mine', 'notes.md')).toBe('keep');
    expect(manifest('mine')['name']).toBe('mine');
  });

  test('a long list is cut', async () => {
    mkdirSync(join(folder.path, 'mine'));
    for (let i = 0; i < 13; i += 1) writeFileSync(join(folder.path, 'mine', `file-${i}`), '');
    expect((await create(['mine'])).err).toMatch(/file-9|and 3 more\./);
  });

  test.each([
    ['My Models', 'my-models'],
    ['_private', 'private'],
    ['.hidden', 'hidden'],
    ['agentforge', 'my-agentforge'],
    ['typescript', 'my-typescript'],
    ['http', 'my-http'],
    ['node_modules', 'my-node_modules'],
    ['Модели', 'my-models'],
    ['Café', 'cafe'],
  ])('the name %s, which npm does not take, for example %s', async (name, fit) => {
    const { exitCode, err } = await create([name]);
    expect(exitCode).toBe(2);
    expect(err).toContain(`npm does not take "${name}"`);
    expect(err).toContain(`for example ${fit}.`);
    expect(existsSync(join(folder.path, name))).toBe(false);
    expect((await create([fit])).exitCode).toBe(0);
  });

  test('a file in place of the folder', async () => {
    writeFileSync(join(folder.path, 'mine'), '');
    const { exitCode, err } = await create(['mine']);
    expect(exitCode).toBe(2);
    expect(err).toContain('is no folder');
    expect((await create(['mine/below'])).exitCode).toBe(2);
  });

  test.each<[string, string[], RegExp]>([
    ['a preset there is not', ['a', '--preset', 'quick'], /There is no preset "quick"[^]*quickstart/],
    ['a format there is not', ['a', '--format', 'toml'], /There is no format "toml"[^]*ts, json, yaml/],
    ['an option there is not', ['a', '--forse'], /--forse[^]*--help/],
    ['an option without its value', ['a', '--preset'], /--preset/],
    ['two folders', ['a', 'b'], /One folder/],
  ])('%s', async (_, argv, message) => {
    const { exitCode, err } = await create(argv);
    expect(exitCode).toBe(2);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n +at .*:\d+:\d+/);
    expect(existsSync(join(folder.path, 'a'))).toBe(false);
  });

  test('an option that npm kept for itself', async () => {
    const { exitCode, err } = await create(['quickstart'], { env: { npm_config_preset: 'quickstart' } });
    expect(exitCode).toBe(2);
    expect(err).toContain('npm create agentforge -- --preset');
  });
});

test('--help and --version', async () => {
  expect((await create(['--help'])).out).toContain('npm create agentforge [folder] -- [options]');
  expect((await create(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});
