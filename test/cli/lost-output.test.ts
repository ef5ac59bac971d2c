import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunDocument } from '../../cli/report/run-document.js';
import { llamaShapes, randomTensors, writeCheckpoint } from '../tools/merge/support/checkpoints.js';
import { runCli, temporaryFolder, TestIo, type CliResult } from '../support/cli.js';
import { TOY_CONFIG } from '../support/toy-config.js';

/** A command whose standard output is on a full disk. */
class LosingIo extends TestIo {
  settleOutput(): Promise<Error> {
    return Promise.resolve(new Error('ENOSPC: no space left on device'));
  }
}

const folder = temporaryFolder();
let session: string;
beforeAll(async () => {
  writeFileSync(join(folder.path, 'package.json'), '{}');
  writeFileSync(join(folder.path, 'agentforge.config.ts'), TOY_CONFIG);
  mkdirSync(join(folder.path, 'fresh'));
  for (const [seed, name] of ['a', 'b'].entries())
    await writeCheckpoint(join(folder.path, name), randomTensors(llamaShapes(), seed));
  writeFileSync(
    join(folder.path, 'slerp.yml'),
    'merge_method: slerp\nbase_model: ./a\nmodels: [{model: ./b}]\nparameters: {t: 0.5}\n',
  );
  const run = await runCli(['run', '--json'], new TestIo(folder.path));
  session = run.document<RunDocument>().sessionId;
});
afterAll(() => folder.remove());

const losing = (...argv: string[]): Promise<CliResult> => runCli(argv, new LosingIo(folder.path));

test.each([
  ['run', []],
  ['pin', ['latest']],
  ['unpin', ['latest']],
  ['rollback', ['SESSION', '--to', 'toy']],
  ['merge', ['slerp.yml', '--output', 'merged']],
  ['init', []],
  ['clean', ['--yes']],
])('%s: what it did lasts, so a lost text is no failure', async (command, words) => {
  const argv = words.map((word) => (word === 'SESSION' ? session : word));
  const place = join(folder.path, command === 'init' ? 'fresh' : '.');
  const { exitCode, stderr } = await runCli([command, ...argv], new LosingIo(place));
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  if (command === 'merge') expect(existsSync(join(folder.path, 'merged'))).toBe(true);
});

test.each([['models'], ['status'], ['clean', '--dry-run'], ['merge', 'slerp.yml', '-o', 'no', '--dry-run']])(
  'what %s found is lost with its text: exit 1',
  async (...argv) => {
    const { exitCode, stderr } = await losing(...argv);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error AF_STORAGE_IO');
    expect(stderr).toContain('Print it again');
  },
);

test.each([['run'], ['pin', 'latest'], ['clean', '--yes']])(
  'a document that %s was asked for and lost is a failure, whatever lasts',
  async (...argv) => {
    const { exitCode, stderr } = await losing(...argv, '--json');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error AF_STORAGE_IO');
  },
);
