import { isSessionLocked } from '../sessions.js';
import { namesIn } from '../temporary.js';
import type { Registry } from '../../core/contracts/registry.js';
import type { FileSystem } from '../file-system.js';

/** What a cleanup looks at. */
export interface CleanupScope {
  readonly root: string;
  readonly registry: Registry;
  /** Unix milliseconds. */
  readonly now: number;
  readonly graceHours?: number | undefined;
  readonly files?: FileSystem;
}

const HOUR_MS = 3_600_000;
const DEFAULT_GRACE_HOURS = 24;

/** Unreferenced artifacts changed from this moment on stay: their reference may be about to be written. */
export function graceLimit({ now, graceHours = DEFAULT_GRACE_HOURS }: CleanupScope): number {
  return now - graceHours * HOUR_MS;
}

/** Ids of sessions that a live process holds, registered or not. */
export async function lockedIds(folder: string, files: FileSystem): Promise<Set<string>> {
  const locked = new Set<string>();
  for (const id of await namesIn(folder, files)) if (await isSessionLocked(folder, id, files)) locked.add(id);
  return locked;
}
