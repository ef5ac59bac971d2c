import type { FileSystem } from '../file-system.js';
import { isSessionLocked } from '../sessions.js';
import { namesIn } from '../temporary.js';

/** Ids of sessions that a live process holds, registered or not. */
export async function lockedIds(folder: string, files: FileSystem): Promise<Set<string>> {
  const locked = new Set<string>();
  for (const id of await namesIn(folder, files)) if (await isSessionLocked(folder, id, files)) locked.add(id);
  return locked;
}
