import type { FileHandle } from 'node:fs/promises';
import { nodeFileSystem, type FileSystem } from '../storage/file-system.js';

/** One call on a disk. */
export interface DiskCall {
  /** Name of the method, of the file system or of an open file: `rename`, `open`, `read`, `write`, `sync`, ... */
  readonly operation: string;
  /** What it is done to; of two paths the first. */
  readonly path: string;
  /** Whether it may change what lies on the disk. */
  readonly changes: boolean;
}

/** What is done to the calls on a disk. */
export interface DiskFaults {
  /** Carries a call out: fails instead, or waits. Default: does the work. */
  readonly carryOut?: <T>(call: DiskCall, work: () => Promise<T>) => Promise<T>;
  /** How many of `length` bytes a read or a write takes, at least one; fewer make it short, as systems may. */
  readonly take?: (call: DiskCall, length: number) => number;
}

type Method = (...args: unknown[]) => Promise<unknown>;

const READING = ['lstat', 'readFile', 'readdir', 'realpath', 'stat', 'statfs'] as const;
const CHANGING = ['copyFile', 'link', 'mkdir', 'rename', 'rm', 'unlink', 'utimes'] as const;
/** Of an open file. */
const HARMLESS = new Set(['close', 'datasync', 'read', 'readFile', 'stat']);

/** A disk with faults put in front of every call, open files included. */
export function faultyDisk(faults: DiskFaults, disk: FileSystem = nodeFileSystem): FileSystem {
  const { carryOut = (_, work) => work() } = faults;
  const faulty = (operation: (typeof READING | typeof CHANGING)[number], changes: boolean): Method => {
    const work = disk[operation] as Method;
    return (...args) => carryOut({ operation, path: String(args[0]), changes }, () => work(...args));
  };
  const open = (path: string, flags: string | number = 'r'): Promise<FileHandle> => {
    const changes = typeof flags === 'string' && flags !== 'r';
    return carryOut({ operation: 'open', path, changes }, async () =>
      faultyHandle(await disk.open(path, flags), path, { ...faults, carryOut }),
    );
  };
  const methods = [
    ...READING.map((operation) => [operation, faulty(operation, false)] as const),
    ...CHANGING.map((operation) => [operation, faulty(operation, true)] as const),
  ];
  return { ...Object.fromEntries(methods), open } as unknown as FileSystem;
}

/** An error as the operating system gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code });
}

/** A disk with room for `bytes` more bytes: the write that crosses the line is short, every later one fails. */
export function fullDisk(bytes: number, disk?: FileSystem): FileSystem {
  let left = bytes;
  return faultyDisk(
    {
      carryOut: (call, work) => {
        const isFull = /^write/.test(call.operation) && left <= 0;
        return isFull ? Promise.reject(systemError('ENOSPC')) : work();
      },
      take: (call, length) => {
        if (call.operation !== 'write') return length;
        const taken = Math.min(length, left);
        left -= taken;
        return taken;
      },
    },
    disk,
  );
}

/** A disk with a fault at a certain call. */
export interface FaultyCall {
  readonly files: FileSystem;
  /** Whether there were that many calls. */
  readonly wasReached: () => boolean;
}

/** A disk on which certain calls fail with a system error, and all others work. */
export function failingDisk(fails: (call: DiskCall) => boolean, code: string, disk?: FileSystem): FileSystem {
  const carryOut = async <T>(call: DiskCall, work: () => Promise<T>): Promise<T> => {
    if (!fails(call)) return work();
    // A close that fails has closed.
    if (call.operation === 'close') await work();
    throw systemError(code);
  };
  return faultyDisk({ carryOut }, disk);
}

/** A disk whose `count`-th call fails with a system error; those before and after it work. */
export function failingOnce(count: number, code: string, disk?: FileSystem): FaultyCall {
  let calls = 0;
  const files = failingDisk(() => ++calls === count, code, disk);
  return { files, wasReached: () => calls >= count };
}

/**
 * A disk as a process sees it that is killed at its `count`-th change: of that change half is done where it is a write,
 * and nothing otherwise; all later ones, clean-up included, do not happen.
 */
export function crashingDisk(count: number, disk?: FileSystem): FaultyCall {
  let changes = 0;
  const isOver = (): boolean => changes >= count;
  const files = faultyDisk(
    {
      carryOut: async (call, work) => {
        if (!call.changes) return work();
        changes++;
        if (changes === count && call.operation === 'write') await work();
        if (isOver()) throw new Error('killed');
        return work();
      },
      take: ({ operation }, length) => (operation === 'write' && isOver() ? Math.ceil(length / 2) : length),
    },
    disk,
  );
  return { files, wasReached: isOver };
}

/** An open file, every method of which is a call on the disk. */
function faultyHandle(
  handle: FileHandle,
  path: string,
  { carryOut, take = (_, length) => length }: DiskFaults & Required<Pick<DiskFaults, 'carryOut'>>,
): FileHandle {
  return new Proxy(handle, {
    get: (target, operation): unknown => {
      const member = Reflect.get(target, operation, target) as unknown;
      if (typeof member !== 'function' || typeof operation !== 'string') return member;
      const call = { operation, path, changes: !HARMLESS.has(operation) };
      return (...args: unknown[]) =>
        carryOut(call, () =>
          (member as Method).apply(
            target,
            shortened(args, (length) => take(call, length)),
          ),
        );
    },
  });
}

/** `read` and `write` of bytes, (bytes, offset, length, position), with fewer bytes; other calls as they are. */
function shortened(args: readonly unknown[], take: (length: number) => number): unknown[] {
  const [bytes, offset, length, position] = args;
  if (!(bytes instanceof Uint8Array) || typeof length !== 'number') return [...args];
  return [bytes, offset, length === 0 ? 0 : take(length), position];
}
