import { join, sep } from 'node:path';
import { isMissing, type FileSystem } from '../file-system.js';

/** A file or folder found on the disk, never through a link. */
export interface DiskEntry {
  readonly path: string;
  readonly bytes: number;
  /** Unix milliseconds of the last change. */
  readonly changed: number;
  readonly kind: 'file' | 'folder' | 'other';
}

/** All files below a folder, and its folders, without following links; nothing when it does not exist. */
export async function* walk(folder: string, files: FileSystem): AsyncGenerator<DiskEntry> {
  const pending = [folder];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const entry = await lookAt(path, files);
    if (entry === null) continue;
    yield entry;
    if (entry.kind !== 'folder') continue;
    const names = await files.readdir(path).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    for (const name of names) pending.push(join(path, name));
  }
}

/** Bytes of all files below a path. */
export async function sizeOf(path: string, files: FileSystem): Promise<number> {
  let bytes = 0;
  for await (const entry of walk(path, files)) if (entry.kind === 'file') bytes += entry.bytes;
  return bytes;
}

/** One entry itself, a link included; null when there is none. */
export async function lookAt(path: string, files: FileSystem): Promise<DiskEntry | null> {
  try {
    const status = await files.lstat(path);
    const kind = status.isFile() ? 'file' : status.isDirectory() ? 'folder' : 'other';
    return { path, bytes: status.size, changed: status.mtimeMs, kind };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Whether a path, all links resolved, lies below `root`. A path that does not exist lies nowhere. */
export async function isInside(root: string, path: string, files: FileSystem): Promise<boolean> {
  try {
    return (await files.realpath(path)).startsWith((await files.realpath(root)) + sep);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
