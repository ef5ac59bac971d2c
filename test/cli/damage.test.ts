import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunDocument } from '../../cli/report/run-document.js';
import { runCli, temporaryFolder, TestIo, type CliResult } from '../support/cli.js';
import { TOY_CONFIG } from '../support/toy-config.js';

/** What each command says when a file of a session is damaged. Resuming: test/core/pipeline/damage.test.ts. */
const folder = temporaryFolder();
const template = join(folder.path, 'template');
let session: string;
let count = 0;
beforeAll(async () => {
  mkdirSync(template);
  writeFileSync(join(template, 'package.json'), '{}');
  writeFileSync(join(template, 'agentforge.config.ts'), TOY_CONFIG);
  const io = new TestIo(template);
  io.stdout.onWrite = io.stderr.onWrite = (text) => {
    if (text.includes('gate met')) io.interrupt();
  };
  const result = await runCli(['run', '--json'], io);
  expect(result.exitCode).toBe(130);
  session = result.document<RunDocument>().sessionId;
});
afterAll(() => folder.remove());

function project(): string {
  const path = join(folder.path, `case-${++count}`);
  cpSync(template, path, { recursive: true });
  return path;
}

const run = (path: string, ...argv: string[]): Promise<CliResult> => runCli(argv, new TestIo(path));

/** Every file of a project's storage that holds the text. */
function filesWith(path: string, text: string): string[] {
  return readdirSync(join(path, '.agentforge', 'artifacts'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file, 'latin1').includes(text));
}

const DAMAGES: readonly (readonly [string, (file: string) => void])[] = [
  ['cut off', (file) => writeFileSync(file, readFileSync(file).subarray(0, 40))],
  ['emptied', (file) => writeFileSync(file, '')],
  ['an empty object', (file) => writeFileSync(file, '{}')],
  ['removed', (file) => rmSync(file)],
];

describe.each(DAMAGES)('a file that is %s', (how, damage) => {
  it('a stored result: status goes on and names the phase', async () => {
    const path = project();
    for (const file of filesWith(path, '"gates"')) damage(file);
    const { exitCode, stdout, stderr } = await run(path, 'status', '--session', session);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^toy +completed/m);
    expect(stderr).toContain('warning The stored result of phase "toy" is damaged: ');
    for (const argv of [['models'], ['clean', '--dry-run']])
      expect(await run(path, ...argv)).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('the registry and the snapshot before it: every command stops with the way on, and nothing is changed', async () => {
    const path = project();
    const registry = join(path, '.agentforge', 'registry');
    for (const name of ['registry.json', 'registry.json.bak']) damage(join(registry, name));
    if (how === 'removed') {
      // No registry is an empty one; what is asked for by name is missed.
      const { exitCode, stderr } = await run(path, 'run', '--resume', session);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('error AF_SESSION_NOT_FOUND');
      return;
    }
    for (const argv of [['status'], ['models'], ['clean', '--yes'], ['run', '--resume', session]]) {
      const { exitCode, stderr } = await run(path, ...argv);
      expect({ argv, exitCode }).toEqual({ argv, exitCode: 1 });
      expect(stderr).toContain('error AF_REGISTRY_CORRUPT');
      expect(stderr).toContain('Move the registry folder away');
    }
    expect(filesWith(path, '"gates"')).not.toEqual([]);
  });

  it('config.json, events and metrics: the other commands do not need them; the run that does tells', async () => {
    const path = project();
    const files = ['config.json', 'events.jsonl', 'metrics.jsonl', 'metrics.mark.json'];
    for (const name of files) damage(join(path, '.agentforge', 'sessions', session, name));
    for (const argv of [['status', '--session', session], ['models'], ['clean', '--yes']])
      expect(await run(path, ...argv)).toMatchObject({ exitCode: 0, stderr: '' });
    const { exitCode, stderr } = await run(path, 'run', '--resume', session, '--quiet');
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`warning config.json of session ${session}`);
  });
});

test('the report of a resumed run has the samples of models finished before', async () => {
  const document = (await run(project(), 'run', '--resume', session, '--json')).document<RunDocument>();
  expect(document.models[0]).toMatchObject({
    name: 'counter',
    samples: [{ model: 'counter', prompt: 'one two', text: ' three' }],
  });
});
