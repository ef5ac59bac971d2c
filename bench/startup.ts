import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ForgeError } from '../core/errors/index.js';
import { configTemplate } from '../create-agentforge/config-template.js';
import { openLowdbRegistry } from '../plugins/registries/lowdb/registry.js';
import { modelRef, phaseRecord, sessionRecord } from '../testing/fixtures/records.js';

/** Times that everything is started; the best counts, as everything else on a machine only adds. */
const RUNS = 10;

/** Where the command lies, seen from this file: from the sources, or from `dist/`. */
const PLACES = ['../bin/agentforge.js', '../../bin/agentforge.js'] as const;

/** Something to start, in a folder. */
interface Start {
  readonly name: string;
  readonly words: readonly string[];
  readonly cwd: string;
}

/** Best wall-clock time, and beside that of Node itself. */
interface Timed {
  readonly milliseconds: number;
  readonly timesNode: number;
}

/**
 * `agentforge bench startup`: how long commands take that only look, beside `node -e 0`. The runs take turns, so that a
 * busy moment of the machine falls on all of them.
 */
export async function run(say: (line: string) => void): Promise<Readonly<Record<string, unknown>>> {
  const folder = await mkdtemp(join(tmpdir(), 'agentforge-bench-'));
  try {
    const starts = startsIn(await foldersIn(folder));
    const best = new Map<string, number>();
    for (let turn = 1; turn <= RUNS; turn++) {
      say(`turn ${turn} of ${RUNS}`);
      for (const start of starts)
        best.set(start.name, Math.min(best.get(start.name) ?? Infinity, timed(start)));
    }
    return { runs: RUNS, ...report(best) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function report(best: ReadonlyMap<string, number>): Readonly<Record<string, Timed>> {
  const node = best.get('node')!;
  return Object.fromEntries(
    [...best].map(([name, milliseconds]) => [name, { milliseconds, timesNode: milliseconds / node }]),
  );
}

function startsIn(folders: Readonly<Record<string, string>>): readonly Start[] {
  const command = commandFile();
  const inFolder = ([folder, cwd]: readonly [string, string]): readonly Start[] =>
    ['status', 'models'].map((name) => ({ name: `${name} in ${folder}`, words: [command, name], cwd }));
  const cwd = folders['an empty folder']!;
  return [
    { name: 'node', words: ['-e', '0'], cwd },
    { name: '--help', words: [command, '--help'], cwd },
    { name: '--version', words: [command, '--version'], cwd },
    ...Object.entries(folders).flatMap(inFolder),
  ];
}

/** An empty folder, and projects with a registry and a config in each language that is read in another way. */
async function foldersIn(base: string): Promise<Readonly<Record<string, string>>> {
  const empty = join(base, 'empty');
  await mkdir(empty);
  return {
    'an empty folder': empty,
    'a project (JSON)': await projectIn(join(base, 'json'), 'json'),
    'a project (TypeScript)': await projectIn(join(base, 'ts'), 'ts'),
  };
}

async function projectIn(folder: string, format: 'json' | 'ts'): Promise<string> {
  await mkdir(folder);
  await writeFile(join(folder, `agentforge.config.${format}`), configTemplate('quickstart', format));
  const registry = await openLowdbRegistry(join(folder, '.agentforge', 'registry'));
  const session = 'session_20260101_000000';
  await registry.createSession(sessionRecord(session, { status: 'completed' }));
  await registry.savePhase(phaseRecord(session, 'cognate', { status: 'completed' }));
  await registry.registerModel(modelRef('m1', session));
  await registry.close();
  return folder;
}

/** Milliseconds from the start to the end of a process. */
function timed({ words, cwd, name }: Start): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, words, { cwd, encoding: 'utf8' });
  const taken = performance.now() - started;
  if (status === 0) return taken;
  throw new ForgeError('AF_INTERNAL', `${name} ended with exit code ${status}: ${stderr}`);
}

function commandFile(): string {
  const files = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const file = files.find((each) => existsSync(each));
  if (file === undefined) throw new ForgeError('AF_INTERNAL', 'The package has no bin/agentforge.js.');
  return file;
}
