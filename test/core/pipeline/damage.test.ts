import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ForgeError, isForgeError } from '../../../core/errors/index.js';
import type { RunOptions, RunReport } from '../../../core/kernel/types.js';
import { PHASE_SECONDS } from '../../../core/contracts/metrics.js';
import { decodeJson } from '../../../core/contracts/json-numbers.js';
import type { RunEvent } from '../../../core/contracts/sink.js';
import { jsonl } from '../../../plugins/sinks/jsonl/index.js';
import { createTestKernel, type TestKernel } from '../../../testing/kernel.js';
import { countingPhase, script, type ToyScript } from '../support/toys.js';

/** What happens to files; each gives what the file holds afterwards, null for no file. */
const DAMAGES: Readonly<Record<string, (bytes: Buffer) => Buffer | string | null>> = {
  'cut off': (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2)),
  emptied: () => '',
  'an empty object': () => '{}',
  null: () => 'null',
  'of the wrong types': () => '{"hash":7,"relevant":[],"document":7,"models":"none","bytes":"all","files":3}',
  'with a flipped bit': (bytes) => {
    const flipped = Buffer.from(bytes);
    flipped[Math.floor(bytes.length / 2)]! ^= 1;
    return flipped;
  },
  removed: () => null,
};

/** Steps of the second phase. */
const STEPS = 6;

let place: string;
/** A session paused in the middle of its second phase. */
let whole: string;
/** Another one, which took the first phase's handoff from it. */
let late: string;
let unbroken: RunReport;
let unbrokenPoints: unknown[];
let count = 0;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'agentforge-damage-'));
  const template = join(place, 'template');
  whole = await pausedIn(template, {});
  late = await pausedIn(template, { from: 'second' });
  const test = await kernelIn(join(place, 'unbroken'));
  unbroken = await test.kernel.run();
  unbrokenPoints = await points(unbroken.folder);
  await test.dispose();
});
afterAll(() => rm(place, { recursive: true, force: true }));

function kernelIn(folder: string, toy: ToyScript = script(), seed = 42): Promise<TestKernel> {
  return createTestKernel({
    folder,
    plugins: [jsonl({ delay: 0 })],
    pipeline: [
      countingPhase('first', toy, { first: true })({ steps: 2 }),
      countingPhase('second', toy, { first: false })({ steps: STEPS }),
    ],
    config: { seed },
  });
}

async function pausedIn(folder: string, options: RunOptions): Promise<string> {
  const controller = new AbortController();
  const toy = script((step) => (step === 3 ? controller.abort() : undefined));
  const test = await kernelIn(folder, toy);
  const report = await test.kernel.run({ ...options, signal: controller.signal });
  await test.dispose();
  expect(report.status).toBe('paused');
  return report.sessionId;
}

/** The project again, for one case. */
async function copy(): Promise<string> {
  const folder = join(place, `case-${++count}`);
  await cp(join(place, 'template'), folder, { recursive: true });
  return folder;
}

function fileOf(folder: string, id: string, ...names: string[]): string {
  return join(folder, '.agentforge', 'sessions', id, ...names);
}

async function damage(path: string, how: string): Promise<void> {
  const left = DAMAGES[how]!(await readFile(path));
  await (left === null ? rm(path) : writeFile(path, left));
}

/** Names, steps and values of every point in a session's folder; how long a phase took is never the same. */
async function points(folder: string): Promise<unknown[]> {
  const text = await readFile(join(folder, 'metrics.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => decodeJson(line) as Extract<RunEvent, { type: 'metric' }>)
    .map(({ phase, name, step, value }) => [phase, name, step, name === PHASE_SECONDS ? null : value]);
}

const hashes = (report: RunReport): unknown =>
  report.phases.map(({ result }) => result?.models.map(({ weights }) => weights.sha256));

interface Outcome {
  readonly report: RunReport | null;
  readonly error: ForgeError | null;
  readonly warnings: string;
}

/** Run in a project; nothing but an error of the project's own may come out. */
async function run(folder: string, options: RunOptions, seed?: number): Promise<Outcome> {
  const test = await kernelIn(folder, script(), seed);
  try {
    const report = await test.kernel.run(options);
    return { report, error: report.error, warnings: test.messages('warn').join('\n') };
  } catch (error) {
    if (!isForgeError(error)) throw error;
    expect(error.code).not.toBe('AF_INTERNAL');
    return { report: null, error, warnings: test.messages('warn').join('\n') };
  } finally {
    await test.dispose();
  }
}

async function documentOf(folder: string, id: string, phase: string): Promise<string> {
  const test = await kernelIn(folder);
  try {
    const record = (await (await test.kernel.registry()).phases(id)).find((found) => found.phase === phase);
    const { artifacts } = await test.kernel.storage();
    return artifacts.path({ sha256: record!.result!, bytes: 0, name: 'phase-result.json' });
  } finally {
    await test.dispose();
  }
}

async function handoffOf(folder: string, id: string): Promise<string> {
  const test = await kernelIn(folder);
  try {
    const [record] = await (await test.kernel.registry()).handoffs(id);
    const { artifacts } = await test.kernel.storage();
    return artifacts.path({ sha256: record!.document!, bytes: 0, name: 'handoff.json' });
  } finally {
    await test.dispose();
  }
}

describe.each(Object.keys(DAMAGES))('a file that is %s', (how) => {
  it('config.json: told and written again when the registry knows the config at hand', async () => {
    const folder = await copy();
    const before = JSON.parse(await readFile(fileOf(folder, whole, 'config.json'), 'utf8')) as object;
    await damage(fileOf(folder, whole, 'config.json'), how);
    const { report, warnings } = await run(folder, { resume: whole });
    expect(report?.status).toBe('completed');
    expect(hashes(report!)).toEqual(hashes(unbroken));
    expect(warnings).toMatch(/^config\.json of session \S+ .*written again\.$/m);
    const after = JSON.parse(await readFile(fileOf(folder, whole, 'config.json'), 'utf8')) as object;
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect((await run(folder, { resume: whole })).warnings).toBe('');
  });

  it('config.json: the session is not gone on with by another config', async () => {
    const folder = await copy();
    await damage(fileOf(folder, whole, 'config.json'), how);
    const { error } = await run(folder, { resume: whole }, 7);
    expect(error).toMatchObject({ code: 'AF_SESSION_DAMAGED', exitCode: 1, at: `${whole}/config.json` });
    expect(error!.fix).toContain('Resume with the configuration it was started with');
  });

  it('input.json: the session is not gone on with, and one learns what to do', async () => {
    const folder = await copy();
    await damage(fileOf(folder, late, 'input.json'), how);
    const { error } = await run(folder, { resume: late });
    expect(error).toMatchObject({ code: 'AF_SESSION_DAMAGED', at: `${late}/input.json` });
    expect(error!.fix).toContain('agentforge run --from second');
    expect((await run(folder, { from: 'second' })).report?.status).toBe('completed');
  });

  it('a stored result: the phase that made it is named', async () => {
    const folder = await copy();
    await damage(await documentOf(folder, whole, 'first'), how);
    const { error } = await run(folder, { resume: whole });
    expect(error?.code).toBe(how === 'removed' ? 'AF_ARTIFACT_MISSING' : 'AF_ARTIFACT_CORRUPT');
    expect(error?.message).toContain('The stored result of phase "first" is damaged');
    expect(error!.fix).toContain('start a new session');
  });

  it('a stored handoff: neither taken up again nor found for a new session', async () => {
    const folder = await copy();
    await damage(await handoffOf(folder, whole), how);
    const resumed = await run(folder, { resume: late });
    expect(resumed.error?.code).toBe(how === 'removed' ? 'AF_ARTIFACT_MISSING' : 'AF_ARTIFACT_CORRUPT');
    const fresh = await run(folder, { from: 'second' });
    expect(fresh.error).toMatchObject({ code: 'AF_HANDOFF_MISSING' });
    expect(fresh.error!.fix).toMatch(/The newest handoff does not fit: first of \S+: The stored file/);
  });

  it.each(['manifest.json', 'state.json', 'tensors.safetensors'])(
    'the newest checkpoint (%s): told, the one before it is used',
    async (name) => {
      const folder = await copy();
      const area = fileOf(folder, whole, 'checkpoints', 'second');
      const newest = (await readdir(area))
        .filter((entry) => entry.startsWith('step-'))
        .sort()
        .at(-1)!;
      await damage(join(area, newest, name), how);
      const { report, warnings } = await run(folder, { resume: whole });
      expect(hashes(report!)).toEqual(hashes(unbroken));
      // A flipped bit in the manifest may lie in the hash of another file.
      const named = name === 'manifest.json' ? '' : name;
      expect(warnings).toMatch(new RegExp(`${newest} is damaged: .*${named}.* Using step-`));
    },
  );

  it('every checkpoint: the run fails and one learns what to do', async () => {
    const folder = await copy();
    const area = fileOf(folder, whole, 'checkpoints', 'second');
    for (const entry of await readdir(area)) await damage(join(area, entry, 'state.json'), how);
    const { error } = await run(folder, { resume: whole });
    expect(error).toMatchObject({ code: 'AF_CHECKPOINT_CORRUPT' });
    expect(error!.fix).toContain('agentforge run --from');
  });

  it('the registry: told, the snapshot before it is used', async () => {
    const folder = await copy();
    await damage(join(folder, '.agentforge', 'registry', 'registry.json'), how);
    const { report, warnings } = await run(folder, { resume: whole });
    expect(hashes(report!)).toEqual(hashes(unbroken));
    expect(warnings).toMatch(/registry is (damaged|missing).* Using the previous snapshot/);
  });

  it('the mark beside metrics.jsonl: no point is lost', async () => {
    const folder = await copy();
    await damage(fileOf(folder, whole, 'metrics.mark.json'), how);
    const { report } = await run(folder, { resume: whole });
    expect(await points(report!.folder)).toEqual(unbrokenPoints);
  });

  it.each(['metrics.jsonl', 'events.jsonl'])('%s: the run goes on', async (name) => {
    const folder = await copy();
    await damage(fileOf(folder, whole, name), how);
    const { report } = await run(folder, { resume: whole });
    expect(hashes(report!)).toEqual(hashes(unbroken));
  });
});

describe('the points of a resumed run', () => {
  it('are those of an unbroken one after a pause', async () => {
    const { report } = await run(await copy(), { resume: whole });
    expect(await points(report!.folder)).toEqual(unbrokenPoints);
  });

  it('are all there when the mark points into a line', async () => {
    const folder = await copy();
    await writeFile(fileOf(folder, whole, 'metrics.mark.json'), '{"bytes":30}');
    const { report } = await run(folder, { resume: whole });
    expect(await points(report!.folder)).toEqual(unbrokenPoints);
  });

  it('are those of an unbroken one when points behind the last checkpoint were written, the last one torn', async () => {
    const folder = await copy();
    const path = fileOf(folder, whole, 'metrics.jsonl');
    const lines = await readFile(path, 'utf8');
    const last = lines.trimEnd().split('\n').at(-1)!;
    await writeFile(path, `${lines}${last.replace('"step":4', '"step":5')}\n${last.slice(0, 30)}`);
    const { report } = await run(folder, { resume: whole });
    expect(await points(report!.folder)).toEqual(unbrokenPoints);
  });
});

(existsSync('/dev/full') ? it : it.skip)(
  'a disk without room for the points costs the points and not the run, and is told once',
  async () => {
    const folder = await copy();
    const path = fileOf(folder, whole, 'metrics.jsonl');
    await rm(path);
    await symlink('/dev/full', path);
    const { report, warnings } = await run(folder, { resume: whole });
    expect(report?.status).toBe('completed');
    expect(warnings).toMatch(/^Sink "jsonl" failed in write and is switched off: ENOSPC[^\n]*$/);
  },
);
