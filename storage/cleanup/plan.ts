import { basename, join, relative } from 'node:path';
import type { Registry, SessionRecord } from '../../contracts/registry.js';
import type { CleanupItem, CleanupPlan, CleanupPolicy } from '../../contracts/storage.js';
import { nodeFileSystem, type FileSystem } from '../file-system.js';
import { isSafeName } from '../names.js';
import { storageFolders } from '../root-folders.js';
import { isSessionLocked, SESSION_LOCK } from '../sessions.js';
import { abandonedIn, namesIn } from '../temporary.js';
import { isInside, lookAt, sizeOf, walk } from './disk.js';
import { decide, type Decision } from './policy.js';
import { artifactAddress, referencedHashes } from './references.js';

/** Unreferenced artifacts younger than this stay: their reference may be about to be written. */
export const GRACE_MS = 86_400_000;

/** What a cleanup looks at. */
export interface CleanupScope {
  readonly root: string;
  readonly registry: Registry;
  /** Unix milliseconds. */
  readonly now: number;
  readonly files?: FileSystem;
}

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
  remove.push(...(await findGarbage(scope, new Set(going.map(({ session }) => session.id)))));
  return {
    remove,
    keep: decisions
      .filter((decision) => !decision.remove)
      .map(({ session, reason }) => ({ id: session.id, reason })),
    bytes: remove.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Unreferenced artifacts and leftovers, as if the sessions in `removed` were gone. */
export async function findGarbage(scope: CleanupScope, removed: ReadonlySet<string>): Promise<CleanupItem[]> {
  return [...(await unreferenced(scope, removed)), ...(await leftovers(scope))];
}

/** Ids of sessions that a live process holds, registered or not. */
async function lockedIds(folder: string, files: FileSystem): Promise<Set<string>> {
  const locked = new Set<string>();
  for (const id of await namesIn(folder, files)) if (await isSessionLocked(folder, id, files)) locked.add(id);
  return locked;
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

async function unreferenced(scope: CleanupScope, removed: ReadonlySet<string>): Promise<CleanupItem[]> {
  const files = scope.files ?? nodeFileSystem;
  const folders = storageFolders(scope.root);
  const store = join(folders.artifacts, 'sha256');
  if (!(await isInside(scope.root, store, files))) return [];
  const sessions = (await scope.registry.sessions()).filter(({ id }) => !removed.has(id));
  const limit = await youngestRemovable(scope, sessions, files);
  const candidates: CleanupItem[] = [];
  for await (const { path, kind, bytes, changed } of walk(store, files)) {
    if (kind !== 'file' || changed >= limit || !/^[0-9a-f]{64}$/.test(basename(path))) continue;
    candidates.push({ kind: 'artifact', id: basename(path), bytes, reason: 'nothing refers to it' });
  }
  if (candidates.length === 0) return [];
  const address = artifactAddress(folders.artifacts);
  const referenced = await referencedHashes({
    ...scope,
    sessions,
    removed,
    sessionsFolder: folders.sessions,
    address,
    files,
  });
  return candidates.filter(({ id }) => !referenced.has(id));
}

/**
 * Artifacts changed from this moment on stay: a session that may still go on can have made them without having
 * recorded them anywhere yet.
 */
async function youngestRemovable(
  scope: CleanupScope,
  sessions: readonly SessionRecord[],
  files: FileSystem,
): Promise<number> {
  const locked = await lockedIds(storageFolders(scope.root).sessions, files);
  const unfinished = sessions.filter(
    ({ id, status }) => locked.has(id) || (status !== 'completed' && status !== 'failed'),
  );
  const registered = new Set(sessions.map(({ id }) => id));
  // A live session that is not registered yet: nobody can say what is its own.
  if ([...locked].some((id) => !registered.has(id))) return -Infinity;
  return Math.min(scope.now - GRACE_MS, ...unfinished.map(({ created_at }) => Date.parse(created_at)));
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
    if (isSafeName(name) && !known.has(name) && (await isUnused(sessions, name, scope.now, files))) {
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
async function isUnused(sessions: string, name: string, now: number, files: FileSystem): Promise<boolean> {
  const path = join(sessions, name);
  const entry = await lookAt(path, files);
  if (entry?.kind !== 'folder' || now - entry.changed < GRACE_MS) return false;
  const content = await namesIn(path, files);
  return content.every((item) => item === SESSION_LOCK) && !(await isSessionLocked(sessions, name, files));
}
