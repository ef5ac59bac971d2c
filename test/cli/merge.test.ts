import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSafetensors } from '../../storage/safetensors/index.js';
import {
  llamaShapes,
  randomTensors,
  readCheckpoint,
  writeCheckpoint,
} from '../tools/merge/support/checkpoints.js';
import { runCli, temporaryFolder, TestIo } from '../support/cli.js';

const folder = temporaryFolder();
const shapes = llamaShapes();
beforeAll(async () => {
  writeFileSync(join(folder.path, 'package.json'), '{}');
  for (const [seed, name] of ['base', 'a', 'b'].entries())
    await writeCheckpoint(join(folder.path, name), randomTensors(shapes, seed));
  writeFileSync(
    join(folder.path, 'slerp.yml'),
    'merge_method: slerp\nbase_model: ./a\nmodels: [{model: ./b}]\nparameters: {t: 0.5}\n',
  );
  writeFileSync(
    join(folder.path, 'dare.json'),
    JSON.stringify({ method: 'dare', base: './base', models: ['./a', './b'], parameters: { density: 0.5 } }),
  );
});
afterAll(() => folder.remove());

const io = (cwd = folder.path) => new TestIo(cwd);
const merge = (...argv: string[]) => runCli(['merge', ...argv], io());

interface Document {
  readonly ok: boolean;
  readonly folder: string;
  readonly method: string;
  readonly seed: number;
  readonly files: readonly { readonly file: string }[];
  readonly peakMemoryBytes: number;
  readonly gigabytesPerSecond: number;
  readonly error: { readonly code: string };
}

test('merges, says what it made, and shows progress', async () => {
  const { exitCode, stdout, stderr } = await merge('slerp.yml', '--output', 'out/slerp');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(/^merge slerp {2}kB \d\/3 {2}GB\/s /m);
  expect(stdout).toMatch(new RegExp(`^merged +${folder.path}/out/slerp$`, 'm'));
  expect(stdout).toMatch(/^method +slerp$/m);
  expect(stdout).toMatch(/^time .* GB\/s of input$/m);
  expect(readdirSync(join(folder.path, 'out'))).toEqual(['slerp']);
  expect(Object.keys(await readCheckpoint(join(folder.path, 'out/slerp')))).toHaveLength(shapes.size);
  expect(readFileSync(join(folder.path, 'out/slerp/README.md'), 'utf8')).toMatch(
    /made by agentforge \d+\.\d+\.\d+/,
  );
});

test('--json prints one document; --dtype, --seed and --max-shard-size are heard', async () => {
  const result = await merge(
    ...[
      'dare.json',
      '-o',
      'json',
      '--json',
      '--quiet',
      '--dtype',
      'bfloat16',
      '--seed',
      '9',
      '--max-shard-size',
      '0.1KB',
    ],
  );
  expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({ exitCode: 0, stderr: '' });
  const document = result.document<Document>();
  expect(document).toMatchObject({ ok: true, method: 'dare', seed: 9, folder: join(folder.path, 'json') });
  expect(document.files.length).toBeGreaterThan(3);
  expect(document.peakMemoryBytes).toBeGreaterThan(1e6);
  expect(document.gigabytesPerSecond).toBeGreaterThan(0);
  const reader = await openSafetensors(join(folder.path, 'json', document.files[0]!.file));
  expect([...reader.entries.values()].every(({ dtype }) => dtype === 'BF16')).toBe(true);
  await reader.close();
});

test('--quiet prints nothing', async () => {
  const { exitCode, stdout, stderr } = await merge('slerp.yml', '-o', 'quiet', '--quiet');
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('--dry-run compares and writes nothing', async () => {
  const { exitCode, stdout } = await merge('slerp.yml', '-o', 'dry', '--dry-run');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^models +\.\/a, \.\/b$/m);
  expect(stdout).toMatch(/^memory +at most /m);
  expect(existsSync(join(folder.path, 'dry'))).toBe(false);
  const plan = (await merge('slerp.yml', '-o', 'dry', '--dry-run', '--json')).document();
  expect(plan).toMatchObject({ ok: true, merges: 1, plan: { method: 'slerp', tensors: shapes.size } });
});

test('an output that is there is kept, unless forced', async () => {
  await merge('slerp.yml', '-o', 'twice', '--quiet');
  const again = await merge('slerp.yml', '-o', 'twice');
  expect(again.exitCode).toBe(2);
  expect(again.stderr).toMatch(/AF_MERGE_OUTPUT[\s\S]*--force/);
  expect((await merge('slerp.yml', '-o', 'twice', '--force', '--quiet')).exitCode).toBe(0);
});

test('models are found beside the recipe too', async () => {
  mkdirSync(join(folder.path, 'deep'));
  writeFileSync(join(folder.path, 'deep/package.json'), '{}');
  const { exitCode } = await runCli(
    ['merge', '../slerp.yml', '-o', 'x', '--quiet'],
    io(join(folder.path, 'deep')),
  );
  expect(exitCode).toBe(0);
});

test('a recipe in TypeScript', async () => {
  writeFileSync(
    join(folder.path, 'recipe.ts'),
    `const share: number = 0.25;\nexport default { method: 'linear', models: ['./a', { model: './b', weight: [0, share] }] };\n`,
  );
  const { exitCode, stderr } = await merge('recipe.ts', '-o', 'typed', '--quiet');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(readFileSync(join(folder.path, 'typed/agentforge-recipe.yaml'), 'utf8')).toMatch(
    /^method: linear$/m,
  );
});

test("a technique of the project's own plugins", async () => {
  const project = join(folder.path, 'project');
  mkdirSync(project);
  writeFileSync(
    join(project, 'agentforge.config.ts'),
    `import { defineConfig, defineMerge } from 'agentforge';
const first = defineMerge({
  name: 'first-of-all',
  create: () => ({ arity: { min: 1, max: null }, base: 'unused', merge: ({ models }) => models[0]! }),
});
export default defineConfig({ plugins: [first()] });
`,
  );
  writeFileSync(
    join(project, 'mine.yml'),
    'merge_method: first-of-all\nmodels: [{model: ../a}, {model: ../b}]\n',
  );
  const { exitCode, stderr } = await runCli(['merge', 'mine.yml', '-o', 'out', '--quiet'], io(project));
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const [merged, a] = [
    await readCheckpoint(join(project, 'out')),
    await readCheckpoint(join(folder.path, 'a')),
  ];
  expect(merged['lm_head.weight']!.data).toEqual(a['lm_head.weight']!.data);
});

test('Ctrl-C stops between tensors, leaves nothing and exits 130', async () => {
  const pressed = new TestIo(folder.path);
  pressed.stdout.onWrite = () => pressed.interrupt();
  const { exitCode, stderr } = await runCli(['merge', 'slerp.yml', '-o', 'stopped'], pressed);
  expect(exitCode).toBe(130);
  expect(stderr).toContain('AF_MERGE_INTERRUPTED');
  expect(existsSync(join(folder.path, 'stopped'))).toBe(false);
  expect(readdirSync(folder.path).filter((name) => name.startsWith('.tmp'))).toEqual([]);
  expect(pressed.listening).toBe(0);
});

describe('mistakes', () => {
  test.each<[string, string[], RegExp, number]>([
    ['no recipe', ['-o', 'x'], /missing required argument 'recipe'/, 2],
    ['no output', ['slerp.yml'], /required option '-o, --output <folder>'/, 2],
    [
      'a recipe that is not there',
      ['nowhere.yml', '-o', 'x'],
      /AF_MERGE_RECIPE {2}The recipe cannot be read/,
      2,
    ],
    ['a strange dtype', ['slerp.yml', '-o', 'x', '--dtype', 'int8'], /Allowed choices are float32/, 2],
    ['a strange size', ['slerp.yml', '-o', 'x', '--max-shard-size', '5B'], /Expected a size such as 5GB/, 2],
  ])('%s', async (_, argv, message, code) => {
    const { exitCode, stderr } = await merge(...argv);
    expect(exitCode).toBe(code);
    expect(stderr).toMatch(message);
  });

  test('all problems of a recipe, with lines, for people and for machines', async () => {
    writeFileSync(
      join(folder.path, 'bad.yml'),
      'merge_method: dare-ties\nmodels:\n  - model: ./a\n    parametrs: {weight: 1}\n  - model: ./b@main\n',
    );
    const { exitCode, stderr } = await merge('bad.yml', '-o', 'x');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/3 problems:/);
    expect(stderr).toMatch(
      /merge_method: there is no merge method "dare-ties" \(bad\.yml:1\)[\s\S]*did you mean dare_ties\?/,
    );
    expect(stderr).toMatch(/unknown key "parametrs" \(bad\.yml:4\)/);
    expect(stderr).toMatch(/the revision in ".\/b@main" is not supported \(bad\.yml:5\)/);
    const document = (await merge('bad.yml', '-o', 'x', '--json')).document<Document>();
    expect(document).toMatchObject({ ok: false, error: { code: 'AF_MERGE_RECIPE', problems: [{}, {}, {}] } });
  });
});
