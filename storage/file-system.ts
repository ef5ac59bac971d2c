import * as promises from 'node:fs/promises';

/**
 * The calls storage makes on the disk. Everything that writes takes one, so that tests can put a full or a
 * forbidden disk underneath; the default is Node's own.
 */
export type FileSystem = Pick<
  typeof promises,
  | 'copyFile'
  | 'link'
  | 'lstat'
  | 'mkdir'
  | 'open'
  | 'readFile'
  | 'readdir'
  | 'realpath'
  | 'rename'
  | 'rm'
  | 'stat'
  | 'statfs'
  | 'unlink'
  | 'utimes'
>;

/** The real disk. */
export const nodeFileSystem: FileSystem = promises;

/** The `code` of a system error (`ENOENT`, ...), or null for anything else. */
export function systemCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** Whether `error` says that a file or folder does not exist. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
