import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isMissing, nodeFileSystem, type FileSystem } from './file-system.js';
import { storageError } from './io-error.js';
import { pidSpace, processState, thisProcess } from './process-identity.js';

/** `.tmp-<pid space>-<pid>-<start>-<random>`: whoever finds one can tell whether its maker still lives. */
const PATTERN = /^\.tmp-([0-9a-f]{8})-(\d+)-(\d*)-[0-9a-f]{12}$/;

/** Age after which a temporary file made on another host is taken for abandoned. */
const FOREIGN_AGE_MS = 24 * 3_600_000;

/** A name for a file or folder that is not finished yet; it lies beside its final place. */
export function temporaryName(): string {
  const here = thisProcess();
  return `.tmp-${pidSpace(here)}-${here.pid}-${here.start ?? ''}-${randomBytes(6).toString('hex')}`;
}

/** Whether a directory entry is a temporary name, whoever made it. */
export function isTemporaryName(name: string): boolean {
  return PATTERN.test(name);
}

/**
 * Temporary files and folders in `folder` whose maker is dead.
 *
 * @param now Unix milliseconds, to judge what other hosts left
 * @throws ForgeError AF_STORAGE_DENIED, AF_STORAGE_IO
 */
export async function abandonedIn(
  folder: string,
  now: number,
  files: FileSystem = nodeFileSystem,
): Promise<string[]> {
  const abandoned: string[] = [];
  for (const name of await namesIn(folder, files)) {
    if (isTemporaryName(name) && (await isAbandoned(join(folder, name), name, now, files)))
      abandoned.push(join(folder, name));
  }
  return abandoned;
}

/**
 * Remove what dead processes left half-written in `folder`. Another process may do the same at the same time.
 * @throws ForgeError AF_STORAGE_DENIED, AF_STORAGE_IO
 */
export async function removeAbandoned(folder: string, files: FileSystem = nodeFileSystem): Promise<void> {
  for (const path of await abandonedIn(folder, Date.now(), files)) {
    await files.rm(path, { recursive: true, force: true }).catch((error: unknown) => {
      throw storageError(error, 'remove leftovers', path);
    });
  }
}

/**
 * Names in a folder, sorted; none when the folder does not exist.
 * @throws ForgeError AF_STORAGE_DENIED, AF_STORAGE_IO
 */
export async function namesIn(folder: string, files: FileSystem = nodeFileSystem): Promise<string[]> {
  try {
    return (await files.readdir(folder)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw storageError(error, 'list the folder', folder);
  }
}

async function isAbandoned(path: string, name: string, now: number, files: FileSystem): Promise<boolean> {
  const [, space, pid, start] = PATTERN.exec(name) ?? [];
  const here = thisProcess();
  if (space === pidSpace(here)) {
    return (
      processState({ ...here, pid: Number(pid), start: start === '' ? null : (start ?? null) }, here) ===
      'dead'
    );
  }
  try {
    return now - (await files.lstat(path)).mtimeMs > FOREIGN_AGE_MS;
  } catch (error) {
    if (isMissing(error)) return false;
    throw storageError(error, 'look at leftovers', path);
  }
}
