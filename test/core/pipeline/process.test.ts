import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

it('a phase that never settles is told before the process would silently exit', async () => {
  const program = join(__dirname, '../support/never-settles.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  expect(JSON.parse(stdout)).toEqual({
    status: 'failed',
    code: 'AF_PHASE_NEVER_SETTLED',
    message: 'Phase "stuck" waits for something that can never happen.',
  });
});
