import { basename, join } from 'node:path';
import type { SessionRecord } from '../../core/contracts/registry.js';
import type { CleanupItem, CleanupWaiting } from '../../core/contracts/storage.js';
import { nodeFileSystem, type FileSystem } from '../file-system.js';
import { storageFolders } from '../root-folders.js';
import { isInside, walk } from './disk.js';
import { lockedIds, graceLimit, type CleanupScope } from './scope.js';
import { artifactAddress, hashesOfSessions, referencedHashes } from './references.js';

export interface Unreferenced {
  readonly removable: readonly CleanupItem[];
  /** What stays for now; null: nothing. */
  readonly waiting: CleanupWaiting | null;
}

const NOTHING: Unreferenced = { removable: [], waiting: null };

/**
 * Artifacts that nothing refers to once the sessions in `removed` are gone. What a removed session has made and
 * nobody has stored again after its end is nobody's; what no session tells of may be about to be used and stays for a
 * while; and so does everything that a session which may still go on can have made.
 *
 * @param planned hashes that were found removable before, with the last change they had then (Unix milliseconds)
 */
export async function findUnreferenced(
  scope: CleanupScope,
  removed: readonly SessionRecord[],
  planned: ReadonlyMap<string, number>,
): Promise<Unreferenced> {
  const files = scope.files ?? nodeFileSystem;
  const folders = storageFolders(scope.root);
  const store = join(folders.artifacts, 'sha256');
  if (!(await isInside(scope.root, store, files))) return NOTHING;
  const gone = new Set(removed.map(({ id }) => id));
  const sessions = (await scope.registry.sessions()).filter(({ id }) => !gone.has(id));
  const found = await artifactsIn(store, files);
  if (found.length === 0) return NOTHING;
  const address = artifactAddress(folders.artifacts);
  const sources = { registry: scope.registry, sessionsFolder: folders.sessions, address, files };
  const referenced = await referencedHashes({ ...sources, sessions, removed: gone });
  const unfinished = await unfinishedSessions(scope, sessions, files);
  const made = new Map(planned);
  for (const session of removed) {
    // The file system counts fractions of a millisecond, the record does not.
    const end = Date.parse(session.ended_at ?? session.updated_at) + 1;
    for (const hash of await hashesOfSessions(sources, [session]))
      made.set(hash, Math.max(end, made.get(hash) ?? end));
  }
  const limit = graceLimit(scope);
  const mayGo = ({ id, changed }: Found): boolean =>
    changed < unfinished.since && (changed < limit || changed <= (made.get(id) ?? -Infinity));
  const loose = found.filter(({ id }) => !referenced.has(id));
  return {
    removable: loose
      .filter(mayGo)
      .map((artifact) => ({ kind: 'artifact', reason: 'nothing refers to it', ...artifact })),
    waiting: waitingOf(
      loose.filter((artifact) => !mayGo(artifact)),
      scope,
      unfinished,
    ),
  };
}

interface Found {
  /** sha256 */
  readonly id: string;
  readonly bytes: number;
  /** Unix milliseconds of the last change. */
  readonly changed: number;
}

async function artifactsIn(store: string, files: FileSystem): Promise<Found[]> {
  const found: Found[] = [];
  for await (const { path, kind, bytes, changed } of walk(store, files)) {
    const id = basename(path);
    if (kind === 'file' && /^[0-9a-f]{64}$/.test(id)) found.push({ id, bytes, changed });
  }
  return found;
}

/** Sessions that may still go on: what was made since the first of them began can be theirs. */
interface Unfinished {
  readonly ids: readonly string[];
  /** Unix milliseconds; -Infinity when nobody can say what is theirs, Infinity when there are none. */
  readonly since: number;
}

async function unfinishedSessions(
  scope: CleanupScope,
  sessions: readonly SessionRecord[],
  files: FileSystem,
): Promise<Unfinished> {
  const locked = await lockedIds(storageFolders(scope.root).sessions, files);
  const registered = new Set(sessions.map(({ id }) => id));
  // A live session that is not registered yet has no beginning that could be compared with.
  const unknown = [...locked].filter((id) => !registered.has(id));
  const unfinished = sessions.filter(
    ({ id, status }) => locked.has(id) || (status !== 'completed' && status !== 'failed'),
  );
  return {
    ids: [...unknown, ...unfinished.map(({ id }) => id)],
    since:
      unknown.length > 0
        ? -Infinity
        : Math.min(Infinity, ...unfinished.map(({ created_at }) => Date.parse(created_at))),
  };
}

function waitingOf(
  waiting: readonly Found[],
  scope: CleanupScope,
  unfinished: Unfinished,
): CleanupWaiting | null {
  if (waiting.length === 0) return null;
  const held = waiting.some(({ changed }) => changed >= unfinished.since);
  const last = Math.max(...waiting.map(({ changed }) => changed));
  return {
    artifacts: waiting.length,
    bytes: waiting.reduce((sum, { bytes }) => sum + bytes, 0),
    until: held ? null : new Date(last + scope.now - graceLimit(scope)).toISOString(),
    sessions: held ? unfinished.ids : [],
  };
}
