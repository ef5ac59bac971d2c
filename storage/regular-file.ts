import { constants, type Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { ForgeError } from '../core/errors/index.js';
import { nodeFileSystem, type FileSystem } from './file-system.js';

/** `O_NONBLOCK` does nothing to a regular file; on Windows it is undefined, which `|` takes for 0. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Open a file for reading that is one. Whoever opens a named pipe waits for a writer, for ever when there is none, and a
 * device need not end; both may lie under a name that a user gives, or inside a folder that came from elsewhere.
 *
 * @throws ForgeError AF_STORAGE_NOT_A_FILE; the system's own error when it does not exist or may not be read
 */
export async function openRegularFile(path: string, files: FileSystem = nodeFileSystem): Promise<FileHandle> {
  checkRegular(path, await files.stat(path));
  return files.open(path, READ);
}

/** A whole file; unlike `readFile` also beyond 2 GiB. @throws as {@link openRegularFile} */
export async function readWhole(path: string, files: FileSystem = nodeFileSystem): Promise<Uint8Array> {
  const handle = await openRegularFile(path, files);
  try {
    const bytes = new Uint8Array((await handle.stat()).size);
    let done = 0;
    while (done < bytes.byteLength) {
      const { bytesRead } = await handle.read(bytes, done, Math.min(bytes.byteLength - done, 1 << 30), done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  } finally {
    await handle.close();
  }
}

/** A whole file of UTF-8 text; a byte order mark stays. @throws as {@link openRegularFile} */
export async function readText(path: string, files: FileSystem = nodeFileSystem): Promise<string> {
  const { buffer, byteOffset, byteLength } = await readWhole(path, files);
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
}

/**
 * Check what `stat` says of a path that is to be read as a file.
 * @throws ForgeError AF_STORAGE_NOT_A_FILE saying what it is instead
 */
export function checkRegular(path: string, status: Stats): void {
  if (status.isFile()) return;
  const found = kindOf(status);
  throw new ForgeError('AF_STORAGE_NOT_A_FILE', `It is not a regular file, it is ${found}.`, {
    at: path,
    fix: 'Name a regular file. What another program prints goes into a file first.',
    facts: { found },
  });
}

function kindOf(status: Stats): string {
  if (status.isDirectory()) return 'a folder';
  if (status.isFIFO()) return 'a named pipe';
  if (status.isSocket()) return 'a socket';
  return 'a device';
}
