import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runCli, projectFolder, TestIo } from '../support/cli.js';
import { TOY_CONFIG } from '../support/toy-config.js';

let folder: ReturnType<typeof projectFolder>;
beforeEach(() => {
  folder = projectFolder(TOY_CONFIG);
});
afterEach(() => folder.remove());

const run = (...argv: string[]) => runCli(argv, new TestIo(folder.path));

const READING: readonly (readonly [code: number, ...argv: string[]])[] = [
  [0, 'run', '--dry-run'],
  [2, 'run', '--dry-run', '--resume'],
  [2, 'run', '--dry-run', '--phase', 'second'],
  [2, 'run', '--resume', 'nothing'],
  [0, 'models'],
  [2, 'models', 'nothing'],
  [0, 'models', '--set', 'storage.root=typo'],
  [0, 'status'],
  [2, 'status', '--session', 'nothing'],
  [0, 'plugins'],
  [0, 'phases'],
  [0, 'config'],
  [0, 'config', '--explain'],
  [0, 'config', '--validate'],
  [0, 'graph'],
  [0, 'clean'],
  [0, 'clean', '--all', '--dry-run', '--yes'],
  [2, 'rollback', 'nothing', '--to', 'toy'],
  [2, 'generate', 'nothing'],
];

/** Path, size and time of change of everything below a folder. */
function everything(below: string): string[] {
  return readdirSync(below, { recursive: true })
    .map((name) => join(below, String(name)))
    .map((path) => `${path} ${statSync(path).size} ${statSync(path).mtimeMs}`)
    .sort();
}

describe('commands that read', () => {
  test.each(READING)('exit %i and create nothing: %s %s %s %s', async (code, ...words) => {
    const argv = words as string[];
    const before = everything(folder.path);
    expect((await run(...argv)).exitCode).toBe(code);
    expect(everything(folder.path)).toEqual(before);
  });

  test('change nothing in a storage that is there', async () => {
    expect((await run('run')).exitCode).toBe(0);
    const before = everything(folder.path);
    for (const [, ...argv] of READING) await run(...argv);
    expect(everything(folder.path)).toEqual(before);
  });

  test('the first run makes the storage, which git ignores', async () => {
    await run('run');
    expect(readFileSync(join(folder.path, '.agentforge/.gitignore'), 'utf8')).toBe('*\n');
    expect(existsSync(join(folder.path, '.agentforge/registry/registry.json'))).toBe(true);
  });
});

describe('flags that change how a command speaks', () => {
  const quiet = async (...argv: string[]): Promise<string> => (await run('run', ...argv)).stdout;

  test.each([['-q'], ['--quiet'], ['-qp', 'quickstart', '--dry-run']])('%s', async (...flags) => {
    if (flags.length > 1) expect((await run('run', ...flags)).exitCode).toBe(0);
    else expect(await quiet(...flags)).toBe('');
  });

  test('without them a run speaks', async () => expect(await quiet()).not.toBe(''));

  test.each([
    ['--json', 'models'],
    ['models', '--json'],
    ['--json', '--debug', 'models'],
    ['models', '--limit', '3', '--json'],
  ])('%s %s', async (...argv) => expect((await run(...argv)).document()).toEqual({ models: [] }));

  test('a value that looks like a flag is a value', async () => {
    const { stdout } = await run('models', '--search', '--json');
    expect(stdout).toContain('No models yet');
  });

  test.each([
    ['models', '--jsn', '--json'],
    ['models', '--json', '--limit', 'x'],
    ['models', '--limit', 'x', '--json'],
    ['--json', 'modles'],
  ])('what is wrong with %s %s %s is told as a document', async (...argv) => {
    const { exitCode, document } = await run(...argv);
    expect(exitCode).toBe(2);
    expect(document()).toMatchObject({ ok: false, error: { code: 'AF_USAGE' } });
  });

  test.each([['--json=yes'], ['--no-json'], ['-j']])('%s is no flag', async (flag) => {
    expect((await run('models', flag)).exitCode).toBe(2);
  });

  test('alone they ask for help', async () => {
    const { exitCode, stdout } = await run('--json');
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Usage: agentforge')]);
  });
});
