import { nodeFileSystem, type FileSystem } from './file-system.js';
import { storageError } from './io-error.js';

/**
 * Make the entries of a folder durable: a rename survives a power cut only once its folder is synced. Windows
 * cannot open folders and orders renames itself.
 *
 * @throws ForgeError AF_STORAGE_IO
 */
export async function syncFolder(folder: string, files: FileSystem = nodeFileSystem): Promise<void> {
  if (process.platform === 'win32') return;
  try {
    const handle = await files.open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (cause) {
    throw storageError(cause, 'make the folder durable', folder);
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
