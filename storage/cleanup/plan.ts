import { join, relative } from 'node:path';
import type { SessionRecord } from '../../core/contracts/registry.js';
import type {
  CleanupItem,
  CleanupPlan,
  CleanupPolicy,
  CleanupWaiting,
} from '../../core/contracts/storage.js';
import { nodeFileSystem, type FileSystem } from '../file-system.js';
import { isSafeName } from '../names.js';
import { storageFolders } from '../root-folders.js';
import { isSessionLocked, SESSION_LOCK } from '../sessions.js';
import { abandonedIn, namesIn } from '../temporary.js';
import { isInside, lookAt, sizeOf } from './disk.js';
import { decide, type Decision } from './policy.js';
import { lockedIds, graceLimit, type CleanupScope } from './scope.js';
import { findUnreferenced } from './unreferenced.js';

/**
 * What the policy would remove: sessions, then artifacts that nothing refers to once those are gone, then what killed
 * processes left behind. Changes nothing; looks at nothing outside the root.
 */
export async function planCleanup(scope: CleanupScope, policy: CleanupPolicy): Promise<CleanupPlan> {
  const files = scope.files ?? nodeFileSystem;
  const folder = storageFolders(scope.root).sessions;
  const sessions = await scope.registry.sessions();
  const decisions = await refuseLinks(
    decide(sessions, await lockedIds(folder, files), policy, scope.now),
    folder,
    files,
  );
  const going = decisions.filter(({ remove }) => remove);
  const remove: CleanupItem[] = [];
  for (const { session, reason } of going) {
    remove.push({
      kind: 'session',
      id: session.id,
      bytes: await sizeOf(join(folder, session.id), files),
      reason,
    });
  }
  const garbage = await findGarbage(
    { ...scope, graceHours: policy.graceHours },
    going.map(({ session }) => session),
  );
  remove.push(...garbage.items);
  return {
    remove,
    keep: decisions
      .filter((decision) => !decision.remove)
      .map(({ session, reason }) => ({ id: session.id, reason })),
    bytes: remove.reduce((sum, { bytes }) => sum + bytes, 0),
    waiting: garbage.waiting,
    ...(policy.graceHours === undefined ? {} : { graceHours: policy.graceHours }),
  };
}

/**
 * Unreferenced artifacts and leftovers, as if the sessions in `removed` were gone.
 * @param planned artifacts that were found to be garbage before, and have no other reason to wait than they had then
 */
export async function findGarbage(
  scope: CleanupScope,
  removed: readonly SessionRecord[],
  planned: ReadonlyMap<string, number> = new Map(),
): Promise<Garbage> {
  const { removable, waiting } = await findUnreferenced(scope, removed, planned);
  return { items: [...removable, ...(await leftovers(scope))], waiting };
}

export interface Garbage {
  readonly items: readonly CleanupItem[];
  readonly waiting: CleanupWaiting | null;
}

/** A session's folder that is a link, or lies behind one, is not ours to remove. */
async function refuseLinks(
  decisions: readonly Decision[],
  folder: string,
  files: FileSystem,
): Promise<Decision[]> {
  const checked: Decision[] = [];
  for (const decision of decisions) {
    const path = join(folder, decision.session.id);
    const entry = decision.remove ? await lookAt(path, files) : null;
    const ours =
      entry === null || (entry.kind === 'folder' && (await isInside(join(folder, '..'), path, files)));
    checked.push(
      ours ? decision : { ...decision, remove: false, reason: 'its folder is a link to elsewhere' },
    );
  }
  return checked;
}

/** Half-made files of dead processes, and session folders that were reserved but never used. */
async function leftovers(scope: CleanupScope): Promise<CleanupItem[]> {
  const files = scope.files ?? nodeFileSystem;
  const { artifacts, sessions, registry } = storageFolders(scope.root);
  const found: CleanupItem[] = [];
  for (const folder of [scope.root, sessions, registry, join(artifacts, 'pending')]) {
    if (folder !== scope.root && !(await isInside(scope.root, folder, files))) continue;
    for (const path of await abandonedIn(folder, scope.now, files))
      found.push(await leftover(scope, path, 'left by a process that was killed', files));
  }
  if (!(await isInside(scope.root, sessions, files))) return found;
  const known = new Set((await scope.registry.sessions()).map(({ id }) => id));
  for (const name of await namesIn(sessions, files)) {
    if (isSafeName(name) && !known.has(name) && (await isUnused(sessions, name, scope, files))) {
      found.push(await leftover(scope, join(sessions, name), 'reserved but never used', files));
    }
  }
  return found;
}

async function leftover(
  scope: CleanupScope,
  path: string,
  reason: string,
  files: FileSystem,
): Promise<CleanupItem> {
  return { kind: 'leftover', id: relative(scope.root, path), bytes: await sizeOf(path, files), reason };
}

/** An old session folder with nothing in it but perhaps a free lock. */
async function isUnused(
  sessions: string,
  name: string,
  scope: CleanupScope,
  files: FileSystem,
): Promise<boolean> {
  const path = join(sessions, name);
  const entry = await lookAt(path, files);
  if (entry?.kind !== 'folder' || entry.changed >= graceLimit(scope)) return false;
  const content = await namesIn(path, files);
  return content.every((item) => item === SESSION_LOCK) && !(await isSessionLocked(sessions, name, files));
}
