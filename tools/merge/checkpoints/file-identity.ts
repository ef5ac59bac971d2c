import { ForgeError } from '../../../core/errors/index.js';
import type { FileSystem } from '../../../storage/file-system.js';
import { storageError } from '../../../storage/io-error.js';
import { together } from '../../../storage/together.js';

/** What a file system says of a file: none of it stays when the content changes. */
export interface FileIdentity {
  readonly bytes: string;
  readonly modified: string;
  readonly changed: string;
  readonly inode: string;
}

/** A file as it was when it was looked at. */
export interface SeenFile {
  readonly file: string;
  readonly identity: FileIdentity;
}

export async function identityOf(file: string, files: FileSystem): Promise<FileIdentity> {
  const status = await files.stat(file, { bigint: true });
  return {
    bytes: String(status.size),
    modified: String(status.mtimeNs),
    changed: String(status.ctimeNs),
    inode: `${status.dev}:${status.ino}`,
  };
}

export function isSameIdentity(a: FileIdentity, b: FileIdentity): boolean {
  return a.bytes === b.bytes && a.modified === b.modified && a.changed === b.changed && a.inode === b.inode;
}

/** @throws ForgeError AF_STORAGE_DENIED, AF_STORAGE_IO */
export function lookAt(paths: readonly string[], files: FileSystem): Promise<SeenFile[]> {
  return together(
    paths.map(async (file) => {
      try {
        return { file, identity: await identityOf(file, files) };
      } catch (error) {
        throw storageError(error, 'look at the file', file);
      }
    }),
  );
}

/**
 * Check that files are as they were: what was made from a file that changed meanwhile is made from neither state.
 * @throws ForgeError AF_MERGE_VALUES naming the first that is not
 */
export async function checkUnchanged(seen: readonly SeenFile[], files: FileSystem): Promise<void> {
  const now = await lookAt(
    seen.map(({ file }) => file),
    files,
  );
  // A new link to a file, or other rights, change its status and not its content.
  const changed = seen.find(
    ({ identity }, i) => !isSameIdentity(identity, { ...now[i]!.identity, changed: identity.changed }),
  );
  if (changed === undefined) return;
  throw new ForgeError(
    'AF_MERGE_VALUES',
    'A file of the models was changed during the merge; what had been written is removed.',
    { at: changed.file, fix: 'Merge again once nothing writes to the models any more.' },
  );
}
