import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCli, temporaryFolder, TestIo } from '../support/cli.js';

const text = readFileSync(join(process.cwd(), 'docs', 'configuration.md'), 'utf8');
const blocks = [...text.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)].map(
  ([, language, file, code]) => ({
    language: language!,
    file,
    code: code!,
  }),
);
const commands = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ code }) => code.trim().split('\n'))
  .map((line) => line.replace('npx agentforge ', ''));

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
  const files = blocks.flatMap(({ file, code }) => (file === undefined ? [] : [[file, code] as const]));
  for (const [file, code] of [['package.json', '{}'], ...files] as const) {
    mkdirSync(dirname(join(folder.path, file)), { recursive: true });
    writeFileSync(join(folder.path, file), code);
  }
});
afterAll(() => folder.remove());

const run = (...argv: string[]) => runCli(argv, new TestIo(folder.path));
const config = async (...flags: string[]) => {
  const { exitCode, stderr, document } = await run('config', '--json', ...flags);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return document<{
    config: { pipeline: { name: string; options: Record<string, unknown> }[] };
    configHash: string;
  }>();
};

test('every block is a file or a list of commands', () => {
  expect(blocks.filter(({ language, file }) => (language === 'sh') === (file !== undefined))).toEqual([]);
  expect(commands.length).toBeGreaterThan(3);
});

test.each(commands)('agentforge %s', async (line) => {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
  const { exitCode, stderr } = await run(...words);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

test.each(blocks.flatMap(({ file }) => (file?.endsWith('.yaml') === true ? [file] : [])))(
  '%s is a config',
  async (file) => {
    await config('--config', file);
  },
);

test('the same config in TypeScript and YAML has the same hash', async () => {
  expect((await config('--config', 'same.yaml')).configHash).toBe((await config()).configHash);
});

test('archive.ts is a plugin', async () => {
  await config('--set', 'plugins=["./archive.ts"]');
});

test('the optimizer is swapped without a trace of the first', async () => {
  const [cognate] = (await config('--config', 'swapped.yaml')).config.pipeline;
  expect(cognate!.options['optimizer']).toEqual({ use: 'adamw', options: { learningRate: 0.003 } });
});
