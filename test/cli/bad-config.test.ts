import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli, projectFolder, temporaryFolder, TestIo } from '../support/cli.js';
import { TOY_CONFIG } from '../support/toy-config.js';

let folder: ReturnType<typeof projectFolder>;
beforeEach(() => {
  folder = projectFolder(TOY_CONFIG);
});
afterEach(() => folder.remove());

const run = (...argv: string[]) => runCli(argv, new TestIo(folder.path));
const plugin = (body: string) => {
  const file = `import { definePlugin } from 'agentforge';\nexport default definePlugin({ name: 'trouble', ${body} });\n`;
  writeFileSync(join(folder.path, 'trouble.ts'), file);
};

describe('a bad configuration exits 2, names every problem and its place, and starts nothing', () => {
  test.each<[string, string[], readonly RegExp[]]>([
    [
      'a typo in a config key',
      ['--set', 'pipelin=[]'],
      [/AF_CONFIG_INVALID/, /pipelin/, /did you mean +pipeline\?/],
    ],
    ['a typo in an option', ['--set', 'phases.toy.step=3'], [/phases\.toy\.step/, /did you mean +steps\?/]],
    [
      'a wrong type',
      ['--set', 'phases.toy.steps=many'],
      [/phases\.toy\.steps/, /expected +integer/, /found +"many"/],
    ],
    ['a wrong value', ['--set', 'seed=-1'], [/seed/, /-1/]],
    ['a typo in a phase name', ['--set', 'pipeline=["tou"]'], [/pipeline\[0\]/, /"tou"/]],
    ['a typo in a plugin name', ['--set', 'plugins=["jsnl"]'], [/plugins\[0\]/, /did you mean +jsonl\?/]],
    ['an unknown engine', ['--set', 'engine=onxruntime'], [/engine/, /did you mean +onnxruntime\?/]],
    ['an unknown preset', ['--preset', 'quickstrat'], [/quickstrat/, /did you mean +quickstart\?/]],
    ['a plugin file that is not there', ['--set', 'plugins=["./nothing.ts"]'], [/nothing\.ts/]],
  ])('%s', async (_, flags, patterns) => {
    const { exitCode, stdout, stderr } = await run('run', ...flags);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    for (const pattern of patterns) expect(stderr).toMatch(pattern);
    expect(stderr).toMatch(/fix/);
    expect(stderr).not.toMatch(/\n +at .*:\d+:\d+/);
  });

  test('all problems at once', async () => {
    const { stderr } = await run('run', '--set', 'sed=1', '--set', 'phases.toy.steps=0');
    expect(stderr).toMatch(/2 problems/);
  });

  test('a config file that cannot be evaluated', async () => {
    writeFileSync(join(folder.path, 'agentforge.config.ts'), 'export default {');
    const { exitCode, stderr } = await run('run');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/AF_CONFIG_LOAD/);
    expect(stderr).toMatch(/agentforge\.config\.ts/);
  });

  test('a config file that is not there', async () => {
    const { exitCode, stderr } = await run('run', '--config', 'missing.config.ts');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/missing\.config\.ts/);
  });

  test('no config at all', async () => {
    const empty = temporaryFolder();
    writeFileSync(join(empty.path, 'package.json'), '{}');
    const { exitCode, stderr } = await runCli(['run'], new TestIo(empty.path));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/AF_CONFIG_NOT_FOUND/);
    expect(stderr).toMatch(/agentforge init/);
    empty.remove();
  });
});

describe('a plugin that throws', () => {
  test('in apply: exit 1, the plugin and its error are named', async () => {
    plugin(`apply() { throw new Error('boom in apply'); }`);
    const { exitCode, stderr } = await run('run', '--set', 'plugins=["./trouble.ts"]');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/AF_PLUGIN_APPLY/);
    expect(stderr).toMatch(/"trouble"/);
    expect(stderr).toMatch(/boom in apply/);
  });

  test('in a hook: the run fails with the plugin and the hook', async () => {
    plugin(
      `apply(forge) { forge.hooks.onBeforePhase.tapPromise('trouble', async () => { throw new Error('boom in hook'); }); }`,
    );
    const { exitCode, stderr } = await run('run', '--set', 'plugins=["./trouble.ts"]');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/trouble/);
    expect(stderr).toMatch(/onBeforePhase/);
    expect(stderr).toMatch(/boom in hook/);
  });

  test('a sink that throws is switched off with one warning, and the run completes', async () => {
    writeFileSync(
      join(folder.path, 'sink.ts'),
      `import { defineSink } from 'agentforge';
       export default defineSink({ name: 'bad-sink', create: () => ({ write() { throw new Error('boom in sink'); } }) });`,
    );
    const { exitCode, stdout } = await run('run', '--set', 'plugins=["./sink.ts"]');
    expect(exitCode).toBe(0);
    expect(stdout.match(/warning .*bad-sink/g)).toHaveLength(1);
  });
});
