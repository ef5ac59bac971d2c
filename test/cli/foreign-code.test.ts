import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryFolder } from '../support/cli.js';

/** What is executed, or left behind for others to be executed, when a config is loaded. */
const ROOT = resolve(__dirname, '../..');

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder.path, 'package.json'), '{}');
  mkdirSync(join(folder.path, 'tmp'));
});
afterEach(() => folder.remove());

function seedOf(environment: Readonly<Record<string, string>> = {}): unknown {
  const node = ['--import', join(ROOT, 'test/support/run-typescript.mjs'), join(ROOT, 'cli/bin.ts')];
  const { stdout, stderr } = spawnSync(process.execPath, [...node, 'config', '--json'], {
    cwd: folder.path,
    env: { ...process.env, TMPDIR: join(folder.path, 'tmp'), ...environment },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return (JSON.parse(stdout) as { readonly config: { readonly seed: unknown } }).config.seed;
}

test('a TypeScript config is compiled anew: no cache lies where others may put code', () => {
  writeFileSync(join(folder.path, 'agentforge.config.ts'), 'export default { seed: 7 as number };');
  expect(seedOf()).toBe(7);
  expect(seedOf({ JITI_FS_CACHE: 'true' })).toBe(7);
  expect(readdirSync(join(folder.path, 'tmp'))).toEqual([]);
  expect(readdirSync(folder.path).sort()).toEqual(['agentforge.config.ts', 'package.json', 'tmp']);
});

test('a configuration of cosmiconfig is not read, let alone executed', () => {
  const ran = join(folder.path, 'ran');
  mkdirSync(join(folder.path, '.config'));
  writeFileSync(
    join(folder.path, '.config/config.cjs'),
    `require('node:fs').writeFileSync(${JSON.stringify(ran)}, ''); module.exports = { searchPlaces: ['other.json'] };`,
  );
  writeFileSync(join(folder.path, 'other.json'), '{"seed":1}');
  writeFileSync(join(folder.path, 'agentforge.config.yaml'), 'seed: 7\n');
  expect(seedOf()).toBe(7);
  expect(existsSync(ran)).toBe(false);
});
