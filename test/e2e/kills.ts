/**
 * `npm run kills -- --kills 25 --seed 1`: the long form of sigkill.test.ts. The whole smoke pipeline is killed at random
 * moments, each time in an empty folder, and resumed: the models must have the hashes of a run that was left alone.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { stream } from '../../nn/random/index.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '25' },
    seed: { type: 'string', default: '1' },
    preset: { type: 'string', default: 'smoke' },
  },
});
const COMMAND = resolve(import.meta.dirname, '../../dist/cli/bin.js');
const RUN = ['run', '--preset', values.preset, '--json'];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run the built command in a folder; kill it after some milliseconds where given. */
function agentforge(folder: string, args: readonly string[], killAfter?: number): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1' },
  });
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((done) =>
    child.on('close', (code) => {
      clearTimeout(timer);
      done({ code, stdout, stderr });
    }),
  );
}

function hashesOf({ code, stdout, stderr }: Ended): Readonly<Record<string, string>> {
  if (code !== 0) throw new Error(`exit code ${code}:\n${stderr}`);
  const { models } = JSON.parse(stdout) as { models: readonly { name: string; sha256: string }[] };
  return Object.fromEntries(models.map(({ name, sha256 }) => [name, sha256]));
}

async function inEmptyFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'agentforge-kills-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Kill a run, resume it, and compare. A run that was killed before it had a session starts anew. */
async function killOnce(moment: number, expected: Readonly<Record<string, string>>): Promise<string> {
  return inEmptyFolder(async (folder) => {
    const killed = await agentforge(folder, RUN, moment);
    if (killed.code === 0) return 'had ended';
    const resumed = await agentforge(folder, [...RUN, '--resume']);
    const isFresh = resumed.code === 2 && resumed.stderr.includes('AF_SESSION_NOT_FOUND');
    const found = hashesOf(isFresh ? await agentforge(folder, RUN) : resumed);
    if (!isDeepStrictEqual(found, expected)) return `OTHER HASHES: ${JSON.stringify(found)}`;
    return isFresh ? 'same hashes (killed before its session began)' : 'same hashes';
  });
}

const started = performance.now();
const expected = await inEmptyFolder(async (folder) => hashesOf(await agentforge(folder, RUN)));
const unbroken = performance.now() - started;
console.log(`left alone: ${(unbroken / 1000).toFixed(1)} s, ${JSON.stringify(expected)}`);
const moments = stream(Number(values.seed), 'kills');
let wrong = 0;
for (let kill = 1; kill <= Number(values.kills); kill++) {
  const moment = moments.uniform() * unbroken;
  const result = await killOnce(moment, expected);
  if (!result.startsWith('same') && result !== 'had ended') wrong += 1;
  console.log(
    `${String(kill).padStart(3)}  killed after ${(moment / 1000).toFixed(2).padStart(6)} s: ${result}`,
  );
}
console.log(`${values.kills} kills, ${wrong} with other hashes`);
process.exitCode = wrong === 0 ? 0 : 1;
