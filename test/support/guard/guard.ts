import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { deedsOf, STRACE_ARGUMENTS, type Deed } from './strace.js';

/** The folders of a guarded command; all of them lie in one temporary folder of the test. */
export interface Folders {
  readonly project: string;
  readonly home: string;
  readonly cache: string;
  readonly temporary: string;
}

export interface Guarded {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Sockets of any family, and whatever was written outside of `allowed`. */
  readonly faults: readonly string[];
}

/** Runs a Node program and tells what it did to the world. */
export interface Guard {
  /** What watches, for the reader of the test's output. */
  readonly name: string;
  run(program: readonly string[], folders: Folders, allowed: readonly string[]): Promise<Guarded>;
}

const PRELOAD = resolve(__dirname, 'preload.cjs');
/** Writing to these leaves nothing behind. */
const DEVICES = [
  '/dev/null',
  '/dev/tty',
  '/dev/full',
  '/dev/pts/',
  '/proc/self/',
  '/dev/stdout',
  '/dev/stderr',
];

/** strace sees native code and child processes; the preload sees JavaScript alone, and is there everywhere. */
export function findGuard(): Guard {
  return straceWorks()
    ? { name: 'strace', run: (...args) => run('strace', ...args) }
    : { name: 'a preload', run: (...args) => run('preload', ...args) };
}

export const preloadGuard: Guard = { name: 'a preload', run: (...args) => run('preload', ...args) };

function straceWorks(): boolean {
  try {
    execFileSync('strace', [...STRACE_ARGUMENTS, '-o', '/dev/null', process.execPath, '--version'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

async function run(
  kind: 'strace' | 'preload',
  program: readonly string[],
  folders: Folders,
  allowed: readonly string[],
): Promise<Guarded> {
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  const log = join(mkdtempSync(join(folders.home, '..', 'deeds-')), 'log');
  const node = [process.execPath, ...program];
  const command = kind === 'strace' ? ['strace', ...STRACE_ARGUMENTS, '-o', log, ...node] : node;
  const ended = await spawned(command, folders, {
    ...cleanEnvironment(folders),
    ...(kind === 'preload' ? { NODE_OPTIONS: `--require ${PRELOAD}`, AGENTFORGE_GUARD_LOG: log } : {}),
  });
  const text = existsSync(log) ? readFileSync(log, 'utf8') : '';
  const deeds =
    kind === 'strace'
      ? deedsOf(text, folders.project)
      : text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Deed]));
  return { ...ended, faults: [...faultsOf(deeds, allowed), ...leftBehind(folders)] };
}

function faultsOf(deeds: readonly Deed[], allowed: readonly string[]): string[] {
  const inside = (path: string): boolean =>
    allowed.some((folder) => path === folder || path.startsWith(folder + sep)) ||
    DEVICES.some((device) => path === device || (device.endsWith('/') && path.startsWith(device)));
  const faults = deeds.filter(({ kind, what }) => kind === 'socket' || !inside(what));
  return [...new Set(faults.map(({ kind, what }) => `${kind} ${what}`))];
}

/** What native code made, whoever watches: the home and the temporary folder are empty when a command has ended. */
function leftBehind({ home, temporary }: Folders): string[] {
  return [home, temporary].flatMap((folder) =>
    (readdirSync(folder, { recursive: true }) as string[]).map((name) => `left ${join(folder, name)}`),
  );
}

/** Nothing of the tests' own environment that would hide a fault: no switch of a library, no cache of a compiler. */
function cleanEnvironment({ home, cache, temporary }: Folders): Record<string, string> {
  const { PATH = '' } = process.env;
  // Files opened through io_uring would pass strace unseen.
  const plain = { NO_COLOR: '1', UV_USE_IO_URING: '0', XDG_CACHE_HOME: cache };
  return { PATH, HOME: home, TMPDIR: temporary, ...plain };
}

function spawned(
  [command = '', ...args]: readonly string[],
  { project }: Folders,
  env: Record<string, string>,
): Promise<Omit<Guarded, 'faults'>> {
  const child = spawn(command, args, { cwd: project, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}
