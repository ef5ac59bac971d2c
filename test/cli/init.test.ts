import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { runCli, temporaryFolder, TestIo } from '../support/cli.js';

const SCHEMA = './node_modules/agentforge/schemas/config.schema.json';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => folder.remove());

const init = (...flags: string[]) => runCli(['init', ...flags], new TestIo(folder.path));
const read = (name: string): string => readFileSync(join(folder.path, name), 'utf8');

describe('init', () => {
  test('writes a typed config that extends the quickstart', async () => {
    const { exitCode, stdout } = await init();
    expect(exitCode).toBe(0);
    expect(stdout).toContain('agentforge.config.ts');
    expect(read('agentforge.config.ts')).toContain("import { quickstart } from 'agentforge/presets';");
  });

  test.each([
    ['json', (text: string): unknown => JSON.parse(text)],
    ['yaml', (text: string): unknown => parse(text)],
  ] as const)('%s, with another preset', async (format, reader) => {
    expect((await init('--format', format, '--preset', 'seeds-25m')).exitCode).toBe(0);
    expect(reader(read(`agentforge.config.${format}`))).toEqual({
      ...(format === 'json' && { $schema: SCHEMA }),
      extends: ['seeds-25m'],
      seed: 42,
      phases: {},
    });
  });

  test('JSON and YAML say where an editor finds their schema, which is in the package', async () => {
    await init('--format', 'yaml');
    expect(read('agentforge.config.yaml')).toMatch(`# yaml-language-server: $schema=${SCHEMA}\n`);
    const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] };
    expect(files).toContain('schemas');
    expect(existsSync(SCHEMA.replace('./node_modules/agentforge/', ''))).toBe(true);
  });

  test('refuses to overwrite, unless forced', async () => {
    writeFileSync(join(folder.path, 'agentforge.config.ts'), 'mine');
    const refused = await init();
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('agentforge.config.ts exists already');
    expect(read('agentforge.config.ts')).toBe('mine');
    expect((await init('--force')).exitCode).toBe(0);
    expect(read('agentforge.config.ts')).toContain('quickstart');
  });

  test('a config of another kind is never hidden nor removed, not even by --force', async () => {
    writeFileSync(join(folder.path, '.agentforgerc.yaml'), 'seed: 1');
    const refused = await init('--force');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('.agentforgerc.yaml');
    expect(existsSync(join(folder.path, 'agentforge.config.ts'))).toBe(false);
  });

  test('an unknown preset names the nearest', async () => {
    const refused = await init('--preset', 'quickstrat');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('Did you mean quickstart?');
  });

  test('a folder that is not there', async () => {
    const { exitCode, stderr } = await runCli(['init'], new TestIo(join(folder.path, 'none')));
    expect(exitCode).toBe(1);
    expect(stderr).toContain('AF_STORAGE_IO');
  });

  test('--json says what was written', async () => {
    expect((await init('--json')).document()).toEqual({
      file: join(folder.path, 'agentforge.config.ts'),
      preset: 'quickstart',
      format: 'ts',
    });
  });
});

describe('what init writes', () => {
  test.each([
    ['ts', 'quickstart'],
    ['json', 'quickstart'],
    ['yaml', 'seeds-25m'],
    ['ts', 'seeds-25m'],
  ])('%s with %s may run', async (format, preset) => {
    writeFileSync(join(folder.path, 'package.json'), '{}');
    await init('--format', format, '--preset', preset);
    const result = await runCli(
      ['run', '--dry-run', '--json', '--set', 'phases.cognate.training.rows=1'],
      new TestIo(folder.path),
    );
    const plan = result.document<{ problems: unknown[]; phases: { facts: Record<string, unknown> }[] }>();
    expect(plan.problems).toEqual([]);
    expect(result.exitCode).toBe(0);
    if (preset === 'seeds-25m') expect(plan.phases[0]?.facts['parameters']).toBe(25900801);
  });
});
