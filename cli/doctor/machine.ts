import { access, constants, statfs } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { formatBytes } from '../../plugins/sinks/console/terminal/index.js';
import { messageOf } from '../../core/errors/message-of.js';
import type { Check } from './check.js';

const GIB = 2 ** 30;
/** The documented configuration trains in 6 GB; the quickstart needs far less. */
const COMFORTABLE_MEMORY = 8 * GIB;
const COMFORTABLE_DISK = 5 * GIB;

/** Instruction sets that decide how fast matrix products run, best first. */
const VECTOR_FLAGS = ['avx512f', 'avx2', 'avx', 'asimd', 'neon'];

/** `>=20.19 <21 || >=22.12`, as package.json says. */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (fits) return { name: 'node', status: 'ok', detail: version };
  return {
    name: 'node',
    status: 'failed',
    detail: version,
    fix: 'Install Node.js 20.19 or later of 20, or 22.12 or later.',
  };
}

export function checkMemory(total: number = totalmem(), free: number = freemem()): Check {
  const detail = `${formatBytes(total)}, ${formatBytes(free)} free`;
  if (total >= COMFORTABLE_MEMORY) return { name: 'memory', status: 'ok', detail };
  return {
    name: 'memory',
    status: 'warning',
    detail,
    fix: 'Use the quickstart preset, or smaller batches (training.rows).',
  };
}

export async function checkCpu(): Promise<Check> {
  const { cpu, cpuFlags } = await systemInformation();
  const [facts, flags] = await Promise.all([cpu(), cpuFlags()]);
  const found = new Set(flags.split(/\s+/));
  const vectors = VECTOR_FLAGS.filter((flag) => found.has(flag));
  const name = `${facts.manufacturer} ${facts.brand}`.trim() || (cpus()[0]?.model ?? 'unknown');
  const detail = `${name}, ${availableParallelism()} threads, ${vectors.length === 0 ? 'vector instructions unknown' : vectors.join(' ')}`;
  return { name: 'cpu', status: 'ok', detail };
}

export async function checkGpu(): Promise<Check> {
  const { graphics } = await systemInformation();
  const { controllers } = await withoutDisplay(graphics);
  const names = controllers.map(({ vendor, model, vram }) =>
    `${vendor} ${model}${vram === null ? '' : ` ${vram} MiB`}`.trim(),
  );
  if (names.length > 0) return { name: 'gpu', status: 'ok', detail: names.join('; ') };
  return { name: 'gpu', status: 'missing', detail: 'none found; the CPU engine needs none' };
}

/** Looking for GPUs needs no display, and one reached through ssh would be a connection to another machine. */
async function withoutDisplay<T>(look: () => Promise<T>): Promise<T> {
  const { DISPLAY } = process.env;
  delete process.env['DISPLAY'];
  try {
    return await look();
  } finally {
    if (DISPLAY !== undefined) process.env['DISPLAY'] = DISPLAY;
  }
}

/** Whether the storage folder (or the nearest folder above it that exists) can be written, and how much room it has. */
export async function checkStorage(root: string): Promise<readonly Check[]> {
  const folder = await nearestFolder(root);
  try {
    // Asked, not tried: looking writes nothing.
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    return [
      {
        name: 'storage',
        status: 'failed',
        detail: `${root} cannot be written: ${messageOf(cause)}`,
        fix: 'Choose another folder with storage.root.',
      },
    ];
  }
  return [{ name: 'storage', status: 'ok', detail: `${root} can be written` }, await checkDisk(folder)];
}

async function checkDisk(folder: string): Promise<Check> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const detail = `${formatBytes(free)} free`;
  if (free >= COMFORTABLE_DISK) return { name: 'disk', status: 'ok', detail };
  return {
    name: 'disk',
    status: 'warning',
    detail,
    fix: 'Make room, or put storage.root on another disk. agentforge clean frees old sessions.',
  };
}

/** Whether the configured data folder is there. */
export async function checkData(root: string | null): Promise<Check> {
  if (root === null) {
    return {
      name: 'data',
      status: 'missing',
      detail: 'no data folder; the generated datasets need none',
      fix: 'Set data.root or AGENTFORGE_DATA to train on real data.',
    };
  }
  try {
    await access(root, constants.R_OK);
    return { name: 'data', status: 'ok', detail: root };
  } catch {
    return {
      name: 'data',
      status: 'failed',
      detail: `${root} cannot be read`,
      fix: 'Correct data.root or AGENTFORGE_DATA.',
    };
  }
}

async function nearestFolder(path: string): Promise<string> {
  try {
    await access(path, constants.F_OK);
    return path;
  } catch {
    const above = dirname(path);
    return above === path ? path : nearestFolder(above);
  }
}

async function systemInformation() {
  return (await import('systeminformation')).default;
}
