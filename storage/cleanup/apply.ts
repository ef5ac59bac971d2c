import { join } from 'node:path';
import type { CleanupItem, CleanupPlan, CleanupResult } from '../../core/contracts/storage.js';
import { nodeFileSystem, type FileSystem } from '../file-system.js';
import { storageFolders } from '../root-folders.js';
import { storageError } from '../io-error.js';
import { tryLock } from '../lock.js';
import { isSafeName } from '../names.js';
import { SESSION_LOCK } from '../sessions.js';
import { temporaryName } from '../temporary.js';
import { isInside, lookAt } from './disk.js';
import { findGarbage } from './plan.js';
import { protection } from './policy.js';
import { artifactAddress } from './references.js';
import { graceLimit, type CleanupScope } from './scope.js';

/**
 * Remove what was planned. Every item is checked again when its turn comes: sessions under their lock, artifacts and
 * leftovers against what is referenced then. What needs no writing goes first, because the disk may be full.
 */
export async function applyCleanup(plan: CleanupPlan, given: CleanupScope): Promise<CleanupResult> {
  const scope = { ...given, graceHours: plan.graceHours };
  const files = scope.files ?? nodeFileSystem;
  const outcomes = new Map<CleanupItem, string | null>();
  const others = plan.remove.filter(({ kind }) => kind !== 'session');
  await removeGarbage(others, scope, files, outcomes);
  for (const item of plan.remove) {
    if (item.kind === 'session') outcomes.set(item, await removeSession(item.id, scope, files));
  }
  await removeGarbage(
    others.filter((item) => outcomes.get(item) !== null),
    scope,
    files,
    outcomes,
  );
  const removed = plan.remove.filter((item) => outcomes.get(item) === null);
  return {
    removed,
    skipped: plan.remove.flatMap((item) => {
      const reason = outcomes.get(item) ?? null;
      return reason === null ? [] : [{ item, reason }];
    }),
    bytes: removed.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Remove those of `items` that are garbage now. Outcomes: null when removed, else why not. */
async function removeGarbage(
  items: readonly CleanupItem[],
  scope: CleanupScope,
  files: FileSystem,
  outcomes: Map<CleanupItem, string | null>,
): Promise<void> {
  if (items.length === 0) return;
  const planned = new Map(items.flatMap(({ id, changed }) => (changed === undefined ? [] : [[id, changed]])));
  const found = await findGarbage(scope, [], planned);
  const garbage = new Set(found.items.map(({ kind, id }) => `${kind} ${id}`));
  for (const item of items) {
    if (!garbage.has(`${item.kind} ${item.id}`)) outcomes.set(item, 'in use again, or gone');
    else if (item.kind === 'artifact') outcomes.set(item, await removeArtifact(item, scope, files));
    else outcomes.set(item, await removeLeftover(item.id, scope, files));
  }
}

/**
 * Folder out of the way, then handoffs, models, phases and session from the registry in one transaction, then the
 * bytes. Killed in between, the next cleanup finds the rest. @returns why it was skipped, or null
 */
async function removeSession(id: string, scope: CleanupScope, files: FileSystem): Promise<string | null> {
  const session = isSafeName(id) ? await scope.registry.session(id) : null;
  if (!session) return 'no longer registered';
  const reason = protection(session, false);
  if (reason !== null) return reason;
  const sessions = storageFolders(scope.root).sessions;
  const folder = join(sessions, id);
  const entry = await lookAt(folder, files);
  if (entry === null) {
    await scope.registry.deleteSession(id);
    return null;
  }
  if (entry.kind !== 'folder' || !(await isInside(scope.root, folder, files)))
    return 'its folder is a link to elsewhere';
  const lock = await tryLock(join(folder, SESSION_LOCK), 'cleanup', { files });
  if (!lock.held) return 'in use by a live process';
  const aside = join(sessions, temporaryName());
  try {
    await files.rename(folder, aside);
    await scope.registry.deleteSession(id).catch(async (error: unknown) => {
      await files.rename(aside, folder);
      throw error;
    });
    await files.rm(aside, { recursive: true, force: true });
  } catch (error) {
    throw storageError(error, `remove the session ${id}`, folder);
  } finally {
    await lock.held.release();
  }
  return null;
}

/** Rename first and look again: a writer may have stored the same content anew since it was found unused. */
async function removeArtifact(
  { id: hash, changed }: CleanupItem,
  scope: CleanupScope,
  files: FileSystem,
): Promise<string | null> {
  const { artifacts } = storageFolders(scope.root);
  const path = artifactAddress(artifacts)(hash);
  const aside = join(artifacts, 'pending', temporaryName());
  await files.rename(path, aside);
  const entry = await lookAt(aside, files);
  if (entry !== null && entry.changed > (changed ?? graceLimit(scope))) {
    await files.rename(aside, path);
    return 'stored again meanwhile';
  }
  await files.rm(aside, { force: true });
  return null;
}

async function removeLeftover(id: string, scope: CleanupScope, files: FileSystem): Promise<string | null> {
  await files.rm(join(scope.root, id), { recursive: true, force: true });
  return null;
}
