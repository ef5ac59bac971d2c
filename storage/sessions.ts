import { join } from 'node:path';
import { ForgeError } from '../core/errors/index.js';
import type { SessionStorage } from '../core/contracts/storage.js';
import type { CheckpointArea } from '../core/contracts/store.js';
import { writeFileAtomic } from './atomic-write.js';
import { FileCheckpointArea, type WarningListener } from './checkpoints.js';
import { isMissing, nodeFileSystem, systemCode, type FileSystem } from './file-system.js';
import { makeFolder } from './folders.js';
import { storageError } from './io-error.js';
import { lockHolder, tryLock, type HeldLock, type LockOwner } from './lock.js';
import { checkFileName, isSafeName } from './names.js';
import { readText } from './regular-file.js';

export interface SessionOptions {
  readonly onWarning?: WarningListener;
  readonly files?: FileSystem;
}

/** Where a session's lock lies, seen from the session's folder. */
export const SESSION_LOCK = 'lock';

/**
 * Reserve a fresh session id, `session_YYYYMMDD_HHMMSS` (UTC), by making its folder; `_2`, `_3`, ... is added when
 * another run started in the same second.
 *
 * @param now moment the session is named after
 */
export async function reserveSessionId(
  sessions: string,
  now: Date,
  files: FileSystem = nodeFileSystem,
): Promise<string> {
  const digits = now.toISOString().replace(/[-:]/g, '');
  const base = `session_${digits.slice(0, 8)}_${digits.slice(9, 15)}`;
  await makeFolder(sessions, files);
  for (let count = 1; ; count++) {
    const id = count === 1 ? base : `${base}_${count}`;
    try {
      await files.mkdir(join(sessions, id));
      return id;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST')
        throw storageError(error, 'make the folder of the session', join(sessions, id));
    }
  }
}

/**
 * Lock and open a session's folder.
 *
 * @throws ForgeError AF_SESSION_LOCKED naming the holder, AF_SESSION_NOT_FOUND
 */
export async function openSession(
  sessions: string,
  id: string,
  create: boolean,
  options: SessionOptions = {},
): Promise<SessionStorage> {
  const files = options.files ?? nodeFileSystem;
  const folder = join(sessions, id);
  if (!isSafeName(id) || !(create || (await exists(folder, files)))) throw notFound(id, sessions);
  if (create) await makeFolder(folder, files);
  const attempt = await tryLock(join(folder, SESSION_LOCK), `session ${id}`, { files });
  if (!attempt.held) throw sessionLocked(id, folder, attempt.owner, attempt.heartbeat);
  return new SessionFolder(id, folder, attempt.held, options);
}

/** Whether a live process holds the session. */
export async function isSessionLocked(
  sessions: string,
  id: string,
  files: FileSystem = nodeFileSystem,
): Promise<boolean> {
  return isSafeName(id) && (await lockHolder(join(sessions, id, SESSION_LOCK), { files })) !== null;
}

class SessionFolder implements SessionStorage {
  private readonly files: FileSystem;

  constructor(
    private readonly id: string,
    readonly folder: string,
    private readonly lock: HeldLock,
    private readonly options: SessionOptions,
  ) {
    this.files = options.files ?? nodeFileSystem;
  }

  checkpoints(phase: string): CheckpointArea {
    return new FileCheckpointArea(join(this.folder, 'checkpoints', checkFileName(phase, 'a phase')), {
      onWarning: this.options.onWarning,
      files: this.files,
      beforeCommit: () => this.assertHeld(),
    });
  }

  async writeFile(name: string, content: string): Promise<void> {
    await this.assertHeld();
    await writeFileAtomic(this.path(name), content, this.files);
  }

  async readFile(name: string): Promise<string | null> {
    const path = this.path(name);
    try {
      return await readText(path, this.files);
    } catch (error) {
      if (isMissing(error)) return null;
      throw storageError(error, 'read the file', path);
    }
  }

  release(): Promise<void> {
    return this.lock.release();
  }

  /** A name may have folders in it, every part of it safe. */
  private path(name: string): string {
    for (const part of name.split('/')) checkFileName(part, 'a file of a session');
    return join(this.folder, ...name.split('/'));
  }

  private async assertHeld(): Promise<void> {
    if (await this.lock.isHeld()) return;
    const holder = await lockHolder(join(this.folder, SESSION_LOCK), { files: this.files });
    if (holder) throw sessionLocked(this.id, this.folder, holder.owner, holder.heartbeat);
    throw new ForgeError('AF_SESSION_LOCKED', `The session ${this.id} is no longer held by this process.`, {
      at: this.folder,
      fix: 'Open the session again before writing to it.',
    });
  }
}

function sessionLocked(id: string, folder: string, owner: LockOwner | null, heartbeat: Date): ForgeError {
  const who =
    owner === null
      ? 'a process that is just starting'
      : `process ${owner.pid} on ${owner.host}, since ${owner.since}`;
  const self = owner?.pid === process.pid ? ' (this very process)' : '';
  return new ForgeError(
    'AF_SESSION_LOCKED',
    `The session ${id} is in use by ${who}${self}; last heartbeat ${heartbeat.toISOString()}.`,
    {
      at: folder,
      fix: 'Wait until it is done, stop it, or start a new session instead of resuming this one.',
      facts: {
        session: id,
        pid: owner?.pid ?? null,
        host: owner?.host ?? null,
        since: owner?.since ?? null,
        heartbeat: heartbeat.toISOString(),
      },
    },
  );
}

function notFound(id: string, sessions: string): ForgeError {
  return new ForgeError('AF_SESSION_NOT_FOUND', `There is no session ${JSON.stringify(id)}.`, {
    at: sessions,
    fix: 'agentforge status lists the sessions.',
    facts: { session: id },
  });
}

async function exists(path: string, files: FileSystem): Promise<boolean> {
  try {
    return (await files.stat(path)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw storageError(error, 'look for the session', path);
  }
}
