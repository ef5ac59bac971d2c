import type { FileHandle } from 'node:fs/promises';
import { nodeFileSystem, type FileSystem } from '../../../storage/file-system.js';

const MUTATING = ['copyFile', 'link', 'mkdir', 'rename', 'rm', 'unlink', 'utimes'] as const;

interface Faults {
  /** Called before each operation that changes the disk; throws to make it fail. */
  readonly before: (operation: string, path: string) => void;
  /** How many of `length` bytes a write takes; fewer is a short write. */
  readonly accept?: (length: number) => number;
}

/** The real disk with faults put in front of everything that changes it. */
export function faultyDisk(faults: Faults): FileSystem {
  const disk: Record<string, unknown> = { ...nodeFileSystem };
  for (const operation of MUTATING) {
    const real = nodeFileSystem[operation] as (...args: unknown[]) => Promise<unknown>;
    disk[operation] = async (...args: unknown[]) => {
      faults.before(operation, String(args[0]));
      return real(...args);
    };
  }
  disk['open'] = async (path: string, flags: string | number) => {
    if (typeof flags === 'string' && flags !== 'r') faults.before('open', path);
    return faultyHandle(await nodeFileSystem.open(path, flags), path, faults);
  };
  return disk as unknown as FileSystem;
}

function faultyHandle(
  handle: FileHandle,
  path: string,
  { before, accept = (length) => length }: Faults,
): FileHandle {
  const faulty = {
    read: handle.read.bind(handle),
    stat: () => handle.stat(),
    async write(data: Uint8Array | string, offset: number, length?: number, position?: number) {
      before('write', path);
      if (typeof data === 'string') return handle.write(data, offset);
      return handle.write(data, offset, accept(length ?? data.byteLength), position);
    },
    async writeFile(data: string) {
      before('write', path);
      return handle.writeFile(data);
    },
    async sync() {
      before('sync', path);
      return handle.sync();
    },
    async close() {
      await handle.close();
    },
  };
  return faulty as unknown as FileHandle;
}

/** An error as the operating system gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code });
}

/** A disk with room for `bytes` more bytes: the write that crosses the line is short, every later one fails. */
export function fullDisk(bytes: number): FileSystem {
  let left = bytes;
  return faultyDisk({
    before: (operation) => {
      if (operation === 'write' && left <= 0) throw systemError('ENOSPC');
    },
    accept: (length) => {
      const taken = Math.min(length, left);
      left -= taken;
      return taken;
    },
  });
}

/**
 * A disk as a process sees it that is killed at its `count`-th change: that change and all later ones, clean-up
 * included, do not happen. `wasReached` tells whether there were that many.
 */
export function crashingDisk(count: number): {
  readonly files: FileSystem;
  readonly wasReached: () => boolean;
} {
  let changes = 0;
  const files = faultyDisk({
    before: () => {
      if (++changes >= count) throw new Error('killed');
    },
  });
  return { files, wasReached: () => changes >= count };
}
