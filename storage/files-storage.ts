import { dirname, join, resolve } from 'node:path';
import type { Storage } from '../core/contracts/storage.js';
import { writeFileAtomic } from './atomic-write.js';
import { FileArtifactStore } from './artifacts.js';
import type { WarningListener } from './checkpoints.js';
import { isMissing, nodeFileSystem, type FileSystem } from './file-system.js';
import { makeFolder } from './folders.js';
import { storageError } from './io-error.js';
import { storageFolders } from './root-folders.js';
import { isSessionLocked, openSession, reserveSessionId } from './sessions.js';

export interface FilesStorageOptions {
  /** Told of damaged checkpoints that were skipped. */
  readonly onWarning?: WarningListener;
  readonly files?: FileSystem;
}

/**
 * Open the storage in a folder: `artifacts/`, `sessions/`, and `registry/` for whichever registry is used. The folder
 * is made when something is stored, and ignores itself in git; reading changes nothing.
 */
export async function openFilesStorage(root: string, options: FilesStorageOptions = {}): Promise<Storage> {
  const files = options.files ?? nodeFileSystem;
  const absolute = resolve(root);
  const folders = storageFolders(absolute);
  const prepare = async (): Promise<void> => {
    await makeFolder(folders.sessions, files);
    await ignoreInGit(absolute, files);
  };
  return {
    root: absolute,
    artifacts: await FileArtifactStore.open(folders.artifacts, files, prepare),
    newSessionId: async () => {
      await prepare();
      return reserveSessionId(folders.sessions, new Date(), files);
    },
    openSession: async (id, { create }) => {
      if (create) await prepare();
      return openSession(folders.sessions, id, create, { ...options, files });
    },
    isLocked: (id) => isSessionLocked(folders.sessions, id, files),
    freeBytes: () => freeBytes(absolute, files),
    planCleanup: async (registry, policy) => {
      const { planCleanup } = await import('./cleanup/plan.js');
      return planCleanup({ root: absolute, registry, now: Date.now(), files }, policy);
    },
    applyCleanup: async (plan, registry) => {
      const { applyCleanup } = await import('./cleanup/apply.js');
      return applyCleanup(plan, { root: absolute, registry, now: Date.now(), files });
    },
  };
}

/** Bytes that this user may still write where `folder` lies, which need not exist yet. */
export async function freeBytes(folder: string, files: FileSystem = nodeFileSystem): Promise<number> {
  for (let path = resolve(folder); ; path = dirname(path)) {
    try {
      const { bavail, bsize } = await files.statfs(path);
      return bavail * bsize;
    } catch (error) {
      if (!isMissing(error) || dirname(path) === path)
        throw storageError(error, 'ask for the free space', path);
    }
  }
}

async function ignoreInGit(root: string, files: FileSystem): Promise<void> {
  const path = join(root, '.gitignore');
  try {
    await files.stat(path);
  } catch (error) {
    if (!isMissing(error)) throw storageError(error, 'look into the storage folder', path);
    await writeFileAtomic(path, '*\n', files);
  }
}
