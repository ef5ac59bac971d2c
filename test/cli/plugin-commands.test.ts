import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLowdbRegistry } from '../../plugins/registries/lowdb/registry.js';
import { modelRef, sessionRecord } from '../../testing/fixtures/records.js';
import { projectFolder, runCli, temporaryFolder, TestIo } from '../support/cli.js';

const EXAMPLE = readFileSync(join(__dirname, '../../examples/third-party-command/largest.ts'), 'utf8');

/** A command that says what it was given. */
const ECHO = `import { defineCommand, Type, withDefault } from 'agentforge';
export const echo = (name = 'echo', more = {}) => defineCommand({
  name,
  description: 'say what was given',
  usage: '<first> [rest...]',
  flags: Type.Object({
    maxTokens: withDefault(Type.Integer({ minimum: 1, description: 'Most tokens.' }), 7),
    kind: Type.Optional(Type.Union([Type.Literal('long'), Type.Literal('short')])),
    share: Type.Optional(Type.Number()),
    colour: withDefault(Type.Boolean({ description: 'In colour.' }), true),
    tag: Type.Optional(Type.Array(Type.String())),
  }, { additionalProperties: false }),
  options: Type.Object({ greeting: withDefault(Type.String(), 'hello') }, { additionalProperties: false }),
  run: async ({ flags, args, io, project }, { greeting }) => {
    if (args[0] === 'fail') throw new Error('it broke');
    io.write(greeting + ' ' + args.join(' ') + ' ' + JSON.stringify(flags) + '\\n');
    io.json({ args, flags, phases: project.config.pipeline.length });
    return args[0] === 'one' ? 1 : 0;
  },
  ...more,
});
`;
const config = (plugins: string) => `${ECHO.replace('export ', '')}
import { defineConfig } from 'agentforge';
export default defineConfig({ plugins: [${plugins}] });
`;

let folder: ReturnType<typeof projectFolder>;
const open = (plugins: string) => void (folder = projectFolder(config(plugins)));
afterEach(() => folder.remove());

const run = (...argv: string[]) => runCli(argv, new TestIo(folder.path));

describe('a command of a plugin', () => {
  test('is listed, tells of its flags, and runs', async () => {
    open("echo()({ greeting: 'hi' })");
    expect((await run('--help')).stdout).toMatch(/^Commands of plugins:\n {2}echo {2}say what was given$/m);
    const help = await run('echo', '--help');
    expect(help.exitCode).toBe(0);
    expect(help.stdout).toMatch(/echo \[options\] <first> \[rest\.\.\.\]/);
    expect(help.stdout).toMatch(/--max-tokens <number> +Most tokens\. \(default: 7\)/);
    expect(help.stdout).toContain('--no-colour');
    expect(help.stdout).toContain('--config <file>');
    const { exitCode, stdout, stderr } = await run('echo', 'a', 'b', '--max-tokens', '3', '--kind', 'long');
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: 'hi a b {"maxTokens":3,"kind":"long","colour":true}\n',
      stderr: '',
    });
  });

  test('gives one document with --json, and its exit code', async () => {
    open('echo()()');
    const { exitCode, document } = await run(
      'echo',
      'one',
      '--json',
      '--share',
      '0.5',
      '--no-colour',
      '--tag',
      'x',
      'y',
    );
    expect(exitCode).toBe(1);
    expect(document()).toEqual({
      args: ['one'],
      flags: { maxTokens: 7, share: 0.5, colour: false, tag: ['x', 'y'] },
      phases: 0,
    });
  });

  test.each([
    [['echo', 'a', '--max-tokens', '0'], 'AF_USAGE', /--max-tokens/],
    [['echo', 'a', '--share', 'much'], 'AF_USAGE', /--share.*"much"/s],
    [['echo', 'a', '--kind', 'odd'], 'AF_USAGE', /Allowed choices are long, short/],
    [['echo'], 'AF_USAGE', /missing required argument/],
    [['echo', 'a', '--nothing'], 'AF_USAGE', /unknown option/],
    [['ecko', 'a'], 'AF_USAGE', /unknown command 'ecko'/],
  ])('%j is a mistake of the command line', async (argv, code, message) => {
    open('echo()()');
    const { exitCode, stderr } = await run(...argv);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(code);
    expect(stderr).toMatch(message);
  });

  test('that throws is named', async () => {
    open('echo()()');
    const { exitCode, stderr } = await run('echo', 'fail');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/AF_PLUGIN_COMMAND {2}The command "echo" failed: it broke/);
  });

  test('with the name of a command of agentforge is refused, and both are named', async () => {
    open("echo('status')()");
    for (const argv of [['status'], ['plugins']]) {
      const { exitCode, stderr } = await run(...argv);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(
        /AF_PLUGIN_DUPLICATE.*Plugin "status" provides command "status", and agentforge has/,
      );
    }
    expect((await run('--help')).stdout).toMatch(/Commands of plugins are not shown: Plugin "status"/);
  });

  test('of two plugins is refused, and both are named', async () => {
    const twin =
      "definePlugin({ name: 'twin', apply: (forge) => forge.provide(COMMAND, 'echo', () => ({})) })()";
    folder = projectFolder(
      config(`echo()(), ${twin}`).replace('{ defineConfig }', '{ COMMAND, defineConfig, definePlugin }'),
    );
    const { exitCode, stderr } = await run('plugins');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/AF_PLUGIN_DUPLICATE {2}Plugins "echo" and "twin" both provide command "echo"/);
  });
});

describe('without commands of plugins', () => {
  test('help says when they would be there', async () => {
    folder = temporaryFolder() as ReturnType<typeof projectFolder>;
    expect((await run('--help')).stdout).toContain('Plugins may bring commands');
    expect((await run('largest')).stderr).toMatch(/unknown command 'largest'/);
  });

  test('a config that cannot be loaded does not hide that a command is unknown, and is told', async () => {
    folder = projectFolder("throw new Error('half written');");
    const { exitCode, stderr } = await run('largest');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/unknown command 'largest'/);
    expect(stderr).toContain('half written');
    const help = await run('--help');
    expect(help.exitCode).toBe(0);
    expect(help.stdout).toMatch(/Commands of plugins are not shown: .*half written/);
  });
});

test('the example lists the largest models of the project', async () => {
  folder = projectFolder(`${EXAMPLE.replace('export default largest;', '')}
import { defineConfig } from 'agentforge';
export default defineConfig({ plugins: [largest()] });
`);
  expect((await run('largest')).exitCode).toBe(1);
  const registry = await openLowdbRegistry(join(folder.path, '.agentforge/registry'));
  await registry.createSession(sessionRecord('session_20260101_000000'));
  for (const bytes of [10, 30, 20]) {
    await registry.registerModel(modelRef(`m${bytes}`, undefined, { bytes_on_disk: bytes }));
  }
  await registry.close();
  const { exitCode, document } = await run('largest', '--count', '2', '--json');
  expect(exitCode).toBe(0);
  expect(document<{ models: { bytes: number }[] }>().models.map(({ bytes }) => bytes)).toEqual([30, 20]);
});
