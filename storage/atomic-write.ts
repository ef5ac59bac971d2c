import { dirname } from 'node:path';
import { nodeFileSystem, type FileSystem } from './file-system.js';
import { makeFolder } from './folders.js';
import { PendingFile } from './pending-file.js';

/**
 * Write a file so that at any moment, power cuts included, either the old or the new content is there.
 *
 * @throws ForgeError AF_STORAGE_FULL, AF_STORAGE_DENIED with the old content untouched
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  files: FileSystem = nodeFileSystem,
): Promise<void> {
  await makeFolder(dirname(path), files);
  const pending = await PendingFile.create(dirname(path), path, files);
  try {
    await pending.write(typeof content === 'string' ? Buffer.from(content) : content, 0);
    await pending.commit(path);
  } catch (error) {
    await pending.abort();
    throw error;
  }
}
