import { nodeFileSystem, type FileSystem } from './file-system.js';
import { storageError } from './io-error.js';

/**
 * Make the entries of a folder durable: a rename survives a power cut only once its folder is synced. Windows
 * cannot open folders and orders renames itself.
 */
export async function syncFolder(folder: string, files: FileSystem = nodeFileSystem): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await files.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Make a folder and the ones above it. @throws ForgeError AF_STORAGE_DENIED, AF_STORAGE_FULL */
export async function makeFolder(folder: string, files: FileSystem = nodeFileSystem): Promise<void> {
  try {
    await files.mkdir(folder, { recursive: true });
  } catch (cause) {
    throw storageError(cause, 'make the folder', folder);
  }
}
