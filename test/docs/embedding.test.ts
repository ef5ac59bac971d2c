import { join } from 'node:path';
import * as agentforge from 'agentforge';
import { SPECIALIZATIONS } from '../../plugins/phases/cognate/options.js';
import * as kit from '../../testing/index.js';
import { championProject } from '../support/champion-project.js';
import { projectFolder } from '../support/cli.js';
import { runScript, runSnippet, snippetsOf } from '../support/snippets.js';
import { TOY_CONFIG } from '../support/toy-config.js';
import { writtenProject } from '../support/written-project.js';

const snippets = snippetsOf(join(process.cwd(), 'docs', 'embedding.md'));
const snippet = (file: string) => snippets.find((each) => each.file === file)!;

let written: Awaited<ReturnType<typeof writtenProject>>;
let toy: ReturnType<typeof projectFolder>;
beforeAll(async () => {
  // The names that the pipeline gives: a reader has these, and no others.
  written = await writtenProject(...SPECIALIZATIONS.map(({ name }) => name), 'champion');
  toy = projectFolder(TOY_CONFIG);
});
afterAll(() => {
  written.remove();
  toy.remove();
});

/** Run a script as it stands, in a folder; what it prints. */
async function run(file: string, cwd: string): Promise<string[]> {
  const lines: string[] = [];
  const log = (...values: unknown[]): void => void lines.push(values.map(String).join(' '));
  // The working directory of the script, without moving that of the tests.
  const here = {
    ...agentforge,
    openProject: (options?: agentforge.OpenProjectOptions) => agentforge.openProject({ cwd, ...options }),
    loadModel: (name: string, options?: agentforge.OpenProjectOptions) =>
      agentforge.loadModel(name, { cwd, ...options }),
  };
  await runScript(snippet(file), { agentforge: here }, { console: { log, warn: log } });
  return lines;
}

test('plan and run', async () => {
  const lines = await run('plan-and-run.ts', toy.path);
  expect(lines[0]).toBe('toy: 1024 bytes of memory');
  expect(lines).toContainEqual(expect.stringMatching(/^session_\d+_\d+ completed$/));
  expect(lines.at(-1)).toMatch(/^counter toy_counter_session_\S+ [0-9a-f]{64}$/);
});

test('listen', async () => {
  const lines = await run('listen.ts', toy.path);
  expect(lines).toContain('count 6/6 step');
  expect(lines).toContainEqual(expect.stringMatching(/^made /));
});

test('pause and go on', async () => {
  expect(await run('pause.ts', toy.path)).toEqual(['paused', 'completed']);
});

test('write', async () => {
  const lines = await run('write.ts', written.path);
  expect(lines.join('\n')).toMatch(/\d+ tokens read, \d+ written, ended by: (end|length)/);
  expect(Number(lines.at(-1))).toBeGreaterThan(3);
});

test('talk', async () => {
  const lines = await run('chat.ts', written.path);
  expect(lines[0]).toMatch(/0 calls, 0 earlier turns left out$/);
  expect(lines.at(-1)).toMatch(/^(end|length) 2$/);
});

test('measure', async () => {
  const folder = await championProject();
  const lines = await run('evaluate.ts', folder.path);
  folder.remove();
  expect(lines).toContain('answers of tiny');
  expect(lines.at(-1)).toMatch(/^tiny \d\.\d+$/);
});

test('export', async () => {
  const lines = await run('export.ts', written.path);
  expect(lines).toContainEqual(expect.stringMatching(/^model\.safetensors \d+ [0-9a-f]{64}$/));
});

test('merge', async () => {
  const lines = await run('merge.ts', written.path);
  expect(lines).toContainEqual(expect.stringContaining(join(written.path, 'merged')));
});

test('in a test', async () => {
  const tests: (() => Promise<void>)[] = [];
  const globals = { test: (_: string, body: () => Promise<void>) => void tests.push(body), expect };
  runSnippet(snippet('counting.test.ts'), { agentforge, 'agentforge/testing': kit }, globals);
  expect(tests).toHaveLength(1);
  await tests[0]!();
});

test('every block of the document is run', () => {
  const run = [
    'plan-and-run.ts',
    'listen.ts',
    'pause.ts',
    'write.ts',
    'chat.ts',
    'evaluate.ts',
    'export.ts',
    'merge.ts',
    'counting.test.ts',
  ];
  expect(snippets.map(({ file }) => file)).toEqual(run);
});
