import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunDocument } from '../../cli/report/run-document.js';
import { runCli, projectFolder, TestIo, type CliResult } from '../support/cli.js';
import { TOY_CONFIG } from '../support/toy-config.js';

let folder: ReturnType<typeof projectFolder>;
beforeEach(() => {
  folder = projectFolder(TOY_CONFIG);
});
afterEach(() => folder.remove());

const newIo = () => new TestIo(folder.path);
const run = (...flags: string[]): Promise<CliResult> => runCli(['run', ...flags], newIo());

/** A run in which Ctrl-C is pressed as soon as the first step of the toy phase shows. */
async function interrupted(...flags: string[]): Promise<CliResult & { readonly io: TestIo }> {
  const io = newIo();
  io.stdout.onWrite = io.stderr.onWrite = (text) => {
    if (text.includes('toy count')) io.interrupt();
  };
  return { ...(await runCli(['run', ...flags], io)), io };
}

const hashes = (document: RunDocument): string[] => document.models.map((model) => model.sha256);

describe('a run', () => {
  test('prints what happens as plain lines and a report, and exits 0', async () => {
    const { exitCode, stdout, stderr } = await run();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toMatch(/^session session_\d{8}_\d{6}/);
    expect(stdout).toMatch(/^toy count {2}step 6\/6 {2}loss 0\.1667/m);
    expect(stdout).toContain('gate met     gain  measured 0.5, target >= 0.2');
    expect(stdout.match(/\| one two three/g)).toHaveLength(1);
    expect(stdout).toMatch(/^toy-set +0\.167 +3\.000$/m);
    expect(stdout).toMatch(
      /next {2}agentforge generate second_child_session_\d+_\d+ --prompt 'Once upon a time'$/m,
    );
  });

  test('--json prints one document on stdout, the rest on stderr', async () => {
    const result = await run('--json');
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toContain('toy count  step 6/6');
    const document = result.document<RunDocument>();
    expect(document).toMatchObject({ ok: true, status: 'completed', seed: 7, error: null });
    expect(document.models.map((model) => [model.name, model.parameters])).toEqual([
      ['counter', 6],
      ['child', 6],
    ]);
    expect(document.models[0]?.samples).toEqual([{ model: 'counter', prompt: 'one two', text: ' three' }]);
    for (const file of document.models[0]?.files ?? []) expect(existsSync(file.path ?? '')).toBe(true);
    const points = readFileSync(join(document.folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
    const named = (name: string): string[] => points.filter((point) => point.includes(`"${name}"`));
    // Six of the phases' own, and what the kernel measures of each of the two.
    expect([named('toy/count').length, named('phase/duration_seconds').length, points.length]).toEqual([
      6, 2, 8,
    ]);
  });

  test('the same seed gives the same hashes, another seed others', async () => {
    const [first, again, other] = [
      await run('--json'),
      await run('--json'),
      await run('--json', '--seed', '8'),
    ];
    expect(hashes(again.document<RunDocument>())).toEqual(hashes(first.document<RunDocument>()));
    expect(hashes(other.document<RunDocument>())).not.toEqual(hashes(first.document<RunDocument>()));
  });

  test('--quiet says nothing when nothing is wrong', async () => {
    expect(await run('--quiet')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('--set and --debug: options of a phase, timings of the kernel', async () => {
    const { exitCode, stdout, stderr } = await run('--set', 'phases.toy.steps=3', '--debug');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('step 3/3');
    expect(stderr).toMatch(/^kernel .*% of the phases/m);
  });

  test('--phase runs one phase alone, on the newest handoff of an earlier session', async () => {
    const alone = await run('--phase', 'second');
    expect(alone.exitCode).toBe(2);
    expect(alone.stderr).toContain('AF_HANDOFF_MISSING');
    expect((await run('--phase', 'toy')).exitCode).toBe(0);
    const second = (await run('--phase', 'second', '--json')).document<RunDocument>();
    expect(second.phases.map((phase) => phase.name)).toEqual(['second']);
    expect(second.models[0]?.parents).toHaveLength(1);
  });
});

describe('a dry run', () => {
  test('prints the plan and touches nothing', async () => {
    const { exitCode, stdout } = await run('--dry-run');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^toy Toy \(run\)\nsteps +6$/m);
    expect(stdout).toContain('This run may start.');
    expect(existsSync(join(folder.path, '.agentforge', 'registry', 'registry.json'))).toBe(false);
  });

  test('a config that asks for more memory than there is exits 2 with the numbers', async () => {
    const flags = ['--set', `phases.toy.memory=${Number.MAX_SAFE_INTEGER}`];
    const dry = await run('--dry-run', ...flags);
    expect(dry.exitCode).toBe(2);
    expect(dry.stdout).toContain('This run may not start: 1 problem.');
    const real = await run(...flags);
    expect(real.exitCode).toBe(2);
    expect(real.stderr).toMatch(/AF_PLAN_INVALID/);
    expect(real.stderr).toMatch(/memory/);
  });
});

describe('gates', () => {
  test('a missed target is reported, and the run goes on', async () => {
    const { exitCode, stdout } = await run('--set', 'phases.toy.gain=0.1');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/missed +gain +target +0\.1 +>= 0\.2/);
  });

  test('--policy strict stops there with exit code 1', async () => {
    const { exitCode, stdout, stderr } = await run('--set', 'phases.toy.gain=0.1', '--policy', 'strict');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('AF_GATE_FAILED');
    expect(stdout).toMatch(/^second +pending/m);
  });
});

describe('a phase that fails', () => {
  test('exits 1, says why and how to go on; nothing is lost', async () => {
    const failed = await run('--set', 'phases.toy.failAt=5', '--seed', '3');
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toMatch(/^error AF_PHASE_FAILED/);
    expect(failed.stderr).toContain('the toy broke');
    expect(failed.stderr).not.toMatch(/\n +at .*:\d+:\d+/);
    const id =
      /agentforge run --resume (session_\S+) --set phases\.toy\.failAt=5 --seed 3$/m.exec(
        failed.stdout,
      )?.[1] ?? '';
    const status = await runCli(['status', '--session', id, '--json'], newIo());
    expect(status.document()).toMatchObject({
      session: { status: 'failed', error: { code: 'AF_PHASE_FAILED' } },
    });
  });

  test('the document has the error too', async () => {
    const failed = await run('--set', 'phases.toy.failAt=5', '--json');
    expect(failed.exitCode).toBe(1);
    expect(failed.document<RunDocument>()).toMatchObject({
      ok: false,
      status: 'failed',
      error: { code: 'AF_PHASE_FAILED' },
    });
  });
});

describe('Ctrl-C', () => {
  test('pauses at a checkpoint with 130; --resume ends with the hashes of an unbroken run', async () => {
    const unbroken = (await run('--json')).document<RunDocument>();
    const paused = await interrupted('--json');
    expect(paused.exitCode).toBe(130);
    expect(paused.stderr).toContain('Ctrl-C again quits at once');
    expect(paused.document<RunDocument>()).toMatchObject({ ok: false, status: 'paused' });
    expect(paused.io.listening).toBe(0);

    const resumed = await run('--resume', '--json');
    expect(resumed.exitCode).toBe(0);
    const document = resumed.document<RunDocument>();
    expect(document.sessionId).toBe(paused.document<RunDocument>().sessionId);
    expect(hashes(document)).toEqual(hashes(unbroken));
  });

  test('a changed configuration is refused when resuming', async () => {
    await interrupted();
    const refused = await run('--resume', '--seed', '9');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('AF_SESSION_CONFIG_CHANGED');
  });

  test('nothing to resume', async () => {
    const refused = await run('--resume');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('AF_SESSION_NOT_FOUND');
  });
});
