import { COMMANDS } from '../../cli/commands.js';
import { packageVersion } from '../../tools/version.js';
import { runCli, TestIo } from '../support/cli.js';

const run = (...argv: string[]) => runCli(argv, new TestIo('/nowhere'));

describe('help and version', () => {
  test('--help lists every command and exits 0', async () => {
    const { exitCode, stdout, stderr } = await run('--help');
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    for (const { name, summary } of COMMANDS)
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'));
  });

  test('no command at all prints the same help', async () => {
    expect((await run()).stdout).toBe((await run('--help')).stdout);
  });

  test('--version', async () => {
    const { exitCode, stdout } = await run('--version');
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${packageVersion()}\n` });
    expect(packageVersion()).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test.each(COMMANDS.map(({ name }) => name))('%s --help tells of its own flags', async (name) => {
    const { exitCode, stdout } = await run(name, '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: agentforge ${name}`));
    expect(stdout).toContain('--debug');
    expect(stdout).toContain('--json');
  });

  test('run --help names the exit codes', async () => {
    expect((await run('run', '--help')).stdout).toContain('130 interrupted');
  });
});

describe('wrong command lines exit 2 and say what to do', () => {
  test.each<[string, string[], RegExp, RegExp]>([
    ['unknown command', ['rum'], /unknown command 'rum'/, /Did you mean run\?/],
    [
      'unknown flag',
      ['run', '--dry-rum'],
      /unknown option '--dry-rum'/,
      /Did you mean --dry-run\? See agentforge run --help/,
    ],
    ['too many arguments', ['status', 'a'], /too many arguments/, /See agentforge status --help/],
    ['a flag without its value', ['run', '--seed'], /argument missing/, /agentforge run --help/],
    ['a number that is none', ['run', '--seed', 'x'], /Expected a whole number of at least 0/, /./],
    ['a negative number', ['status', '--limit', '0'], /at least 1/, /./],
    ['a choice there is not', ['run', '--policy', 'lax'], /Allowed choices are strict, research/, /./],
    ['flags that exclude each other', ['run', '--phase', 'a', '--from', 'b'], /cannot be used with/, /./],
    [
      '--set without a value',
      ['run', '--set', 'seed'],
      /--set seed is not of the form path=value/,
      /--set seed=7/,
    ],
    ['a required flag', ['rollback', 'session_1'], /required option '--to <phase>'/, /./],
    ['a required argument', ['rollback', '--to', 'a'], /missing required argument 'session'/, /./],
    ['a probability above 1', ['generate', '--top-p', '2'], /from 0 to 1/, /./],
    ['a benchmark there is not', ['bench', 'nothing-like-it'], /There is no benchmark/, /Benchmarks:/],
    ['a long form there is not', ['bench', 'engine', '--full'], /has one form/, /choose one of: grokfast/],
  ])('%s', async (_, argv, what, fix) => {
    const { exitCode, stdout, stderr } = await run(...argv);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error AF_USAGE {2}/);
    expect(stderr).toMatch(what);
    expect(stderr).toMatch(fix);
    expect(stderr).not.toMatch(/\n +at .*:\d+:\d+/);
  });

  test('--json puts the error on stdout as one document', async () => {
    const result = await run('run', '--seed', 'x', '--json');
    expect(result.exitCode).toBe(2);
    expect(result.document()).toMatchObject({
      ok: false,
      error: { code: 'AF_USAGE', facts: { argv: ['run', '--seed', 'x', '--json'] } },
    });
  });

  test('--debug adds the stack trace', async () => {
    expect((await run('run', '--seed', 'x', '--debug')).stderr).toMatch(/\n +at .*:\d+:\d+/);
  });
});
