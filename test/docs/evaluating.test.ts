import { readFileSync } from 'node:fs';
import * as agentforge from 'agentforge';
import type { EvaluationReport, OpenProjectOptions } from 'agentforge';
import { evaluation } from 'agentforge/nn';
import { championProject } from '../support/champion-project.js';
import { runCli, TestIo, type projectFolder } from '../support/cli.js';
import { runScript, snippetsOf } from '../support/snippets.js';

const PAGE = readFileSync('docs/evaluating.md', 'utf8');
const snippets = snippetsOf('docs/evaluating.md');

let folder: ReturnType<typeof projectFolder>;
beforeAll(async () => {
  folder = await championProject();
});
afterAll(() => folder.remove());

/** Run a script of the page as it stands; what it prints. */
async function run(file: string): Promise<string[]> {
  const lines: string[] = [];
  const log = (...values: unknown[]): void => void lines.push(values.map(String).join(' '));
  const here = {
    ...agentforge,
    openProject: (options?: OpenProjectOptions) => agentforge.openProject({ cwd: folder.path, ...options }),
  };
  const script = snippets.find((each) => each.file === file)!;
  await runScript(script, { agentforge: here }, { console: { log, warn: log } });
  return lines;
}

test('every program is run', () => {
  expect(snippets.map(({ file }) => file)).toEqual(['steps.ts', 'measure.ts']);
});

test('a curve over recursion steps', async () => {
  const lines = await run('steps.ts');
  expect(lines).toEqual([
    expect.stringMatching(/^1 tiny \d\.\d+$/),
    expect.stringMatching(/^2 tiny \d\.\d+$/),
  ]);
});

test('the parts of a report', async () => {
  const lines = await run('measure.ts');
  expect(lines).toEqual([
    expect.stringMatching(/^tiny locked \d\.\d+ \d+\.\d+$/),
    expect.stringMatching(/^tiny \d+ of \d+$/),
  ]);
});

test('its tables name every option, every number of a part and every word for data', async () => {
  const { stdout: help } = await runCli(['evaluate', '--help'], new TestIo(folder.path));
  for (const [option] of help.matchAll(
    /--(datasets|no-datasets|text|documents|items|max-tokens|at-step|context|stride|quiet)\b/g,
  ))
    expect(PAGE).toContain(option);
  const measured = await runCli(
    ['evaluate', 'champion', '--text', 'agentforge.config.ts', '--max-tokens', '4', '--json'],
    new TestIo(folder.path),
  );
  const { parts } = measured.document<EvaluationReport>();
  expect(parts.map(({ kind }) => kind)).toEqual(['loss', 'text', 'accuracy']);
  for (const name of parts.flatMap((part) =>
    Object.keys(part).filter((key) => !['kind', 'name'].includes(key)),
  ))
    expect(PAGE).toContain(`\`${name}\``);
});

test('what it says of agentforge/nn is there', () => {
  const [names] = /`evaluation` of `agentforge\/nn`[^]*/.exec(PAGE)!;
  for (const [, name] of names.matchAll(/`([A-Za-z]+)`(?! of)/g))
    if (name !== 'evaluation') expect(evaluation).toHaveProperty(name!);
});
