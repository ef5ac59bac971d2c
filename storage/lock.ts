import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMissing, nodeFileSystem, systemCode, type FileSystem } from './file-system.js';
import { makeFolder } from './folders.js';
import { storageError } from './io-error.js';
import { processState, thisProcess, type ProcessIdentity } from './process-identity.js';
import { readText } from './regular-file.js';
import { namesIn, temporaryName } from './temporary.js';

/** How often a holder touches its claim. */
const HEARTBEAT_MS = 15_000;
/** Silence after which a holder on another host, where nobody can look, is taken for dead. */
const FOREIGN_TIMEOUT_MS = 600_000;
/** Age after which a claim without readable content is taken for one whose writer died in between. */
const UNREADABLE_TIMEOUT_MS = 30_000;

/** Who holds a lock and since when. */
export interface LockOwner extends ProcessIdentity {
  /** What for, for people. */
  readonly purpose: string;
  /** ISO 8601. */
  readonly since: string;
  readonly nonce: string;
}

export interface HeldLock {
  readonly owner: LockOwner;
  /** Whether this lock is still ours; it is lost when another host took us for dead. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

export type LockAttempt =
  | { readonly held: HeldLock }
  | { readonly held: null; readonly owner: LockOwner | null; readonly heartbeat: Date };

export interface LockOptions {
  readonly files?: FileSystem;
  /** Test hook: silence after which a foreign holder counts as dead, in milliseconds. */
  readonly foreignTimeoutMs?: number;
}

/**
 * Try to take an exclusive lock, a folder of numbered claims. The highest claim counts; a free or dead one is
 * followed by the next number, made exclusively, so that no claim is ever broken by deleting it and two processes
 * that find the same dead holder cannot both succeed. Only the holder removes claims, and only lower ones: the
 * highest always stays, and a process that acted on an old listing sees it and backs off.
 *
 * A holder that lives on this host keeps the lock however long it stays silent, because compute engines block the
 * event loop for seconds; a dead one loses it at once.
 *
 * @throws ForgeError AF_STORAGE_FULL, AF_STORAGE_DENIED
 */
export async function tryLock(
  folder: string,
  purpose: string,
  options: LockOptions = {},
): Promise<LockAttempt> {
  const files = options.files ?? nodeFileSystem;
  await makeFolder(folder, files);
  const owner = {
    ...thisProcess(),
    purpose,
    since: new Date().toISOString(),
    nonce: randomBytes(8).toString('hex'),
  };
  try {
    for (;;) {
      const top = await highestClaim(folder, files);
      const status = top === 0 ? null : await inspectClaim(folder, top, options);
      if (status === 'gone') continue;
      if (status?.live) return { held: null, owner: status.owner, heartbeat: status.heartbeat };
      if (!(await makeClaim(folder, top + 1, owner, files))) continue;
      if ((await highestClaim(folder, files)) === top + 1)
        return { held: await hold(folder, top + 1, owner, files) };
      await files.rm(claimPath(folder, top + 1), { force: true });
    }
  } catch (cause) {
    throw storageError(cause, 'take the lock', folder);
  }
}

/** Wait until the lock is free. @returns the last failed attempt after `timeoutMs` */
export async function waitForLock(
  folder: string,
  purpose: string,
  timeoutMs: number,
  options: LockOptions = {},
): Promise<LockAttempt> {
  const deadline = performance.now() + timeoutMs;
  // Waiters of different processes drift apart by their pid instead of by chance.
  for (let delay = 1 + (process.pid % 3); ; delay = Math.min(delay * 1.5, 20 + (process.pid % 11))) {
    const attempt = await tryLock(folder, purpose, options);
    if (attempt.held || performance.now() >= deadline) return attempt;
    await sleep(delay);
  }
}

/** The live holder of a lock, or null when it is free. */
export async function lockHolder(
  folder: string,
  options: LockOptions = {},
): Promise<{ readonly owner: LockOwner | null; readonly heartbeat: Date } | null> {
  const files = options.files ?? nodeFileSystem;
  for (;;) {
    const top = await highestClaim(folder, files);
    if (top === 0) return null;
    const status = await inspectClaim(folder, top, options);
    if (status !== 'gone') return status.live ? status : null;
  }
}

type ClaimStatus = { readonly live: boolean; readonly owner: LockOwner | null; readonly heartbeat: Date };

/** `gone`: a later holder removed the claim since it was listed. */
async function inspectClaim(
  folder: string,
  claim: number,
  options: LockOptions,
): Promise<ClaimStatus | 'gone'> {
  const files = options.files ?? nodeFileSystem;
  try {
    const text = await readText(claimPath(folder, claim), files);
    const heartbeat = (await files.stat(claimPath(folder, claim))).mtime;
    if (text.startsWith(FREE) || heartbeat.getTime() === 0) return { live: false, owner: null, heartbeat };
    const owner = parseOwner(text);
    const silence = Date.now() - heartbeat.getTime();
    if (owner === null) return { live: silence < UNREADABLE_TIMEOUT_MS, owner, heartbeat };
    const state = processState(owner);
    const live =
      state === 'alive' ||
      (state === 'elsewhere' && silence < (options.foreignTimeoutMs ?? FOREIGN_TIMEOUT_MS));
    return { live, owner, heartbeat };
  } catch (error) {
    if (isMissing(error)) return 'gone';
    throw error;
  }
}

const HELD = 'H';
const FREE = 'F';

function parseOwner(text: string): LockOwner | null {
  if (!text.startsWith(HELD)) return null;
  try {
    const owner = JSON.parse(text.slice(1)) as Partial<LockOwner> | null;
    return typeof owner?.pid === 'number' && typeof owner.host === 'string' ? (owner as LockOwner) : null;
  } catch {
    return null;
  }
}

/** Make a claim that appears with its content in one step. @returns false when the number is taken */
async function makeClaim(
  folder: string,
  claim: number,
  owner: LockOwner,
  files: FileSystem,
): Promise<boolean> {
  const temporary = join(folder, temporaryName());
  const handle = await files.open(temporary, 'wx');
  try {
    await writeAndClose(handle, HELD + JSON.stringify(owner));
    await files.link(temporary, claimPath(folder, claim));
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return false;
    // File systems without hard links: exclusive creation, whose content appears a moment later.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
    return await createClaim(folder, claim, owner, files);
  } finally {
    await files.rm(temporary, { force: true });
  }
}

async function createClaim(
  folder: string,
  claim: number,
  owner: LockOwner,
  files: FileSystem,
): Promise<boolean> {
  try {
    await writeAndClose(await files.open(claimPath(folder, claim), 'wx'), HELD + JSON.stringify(owner));
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function writeAndClose(handle: FileHandle, text: string): Promise<void> {
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}

async function hold(folder: string, claim: number, owner: LockOwner, files: FileSystem): Promise<HeldLock> {
  const path = claimPath(folder, claim);
  for (const name of await namesIn(folder, files)) {
    const other = claimNumber(name);
    if (other !== null && other < claim) await files.rm(join(folder, name), { force: true });
  }
  const touch = (): void => {
    const now = new Date();
    // A heartbeat that fails is not worth stopping a run for: on this host the pid is what counts.
    files.utimes(path, now, now).catch(() => undefined);
  };
  const timer = setInterval(touch, HEARTBEAT_MS);
  timer.unref();
  return {
    owner,
    isHeld: async () => {
      if ((await highestClaim(folder, files)) !== claim) return false;
      const text = await readText(path, files).catch(() => '');
      return parseOwner(text)?.nonce === owner.nonce;
    },
    release: async () => {
      clearInterval(timer);
      await markFree(path, files);
    },
  };
}

/**
 * One byte in place: readers see the claim held or free, nothing in between. Where even that needs room on a full
 * disk (copy-on-write file systems), the time 0 says the same.
 */
async function markFree(path: string, files: FileSystem): Promise<void> {
  try {
    const handle = await files.open(path, 'r+');
    try {
      await handle.write(FREE, 0);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMissing(error)) return;
    await files.utimes(path, 0, 0).catch((cause: unknown) => {
      throw storageError(cause, 'release the lock', path);
    });
  }
}

async function highestClaim(folder: string, files: FileSystem): Promise<number> {
  const claims = (await namesIn(folder, files)).map(claimNumber).filter((claim) => claim !== null);
  return Math.max(0, ...claims);
}

function claimNumber(name: string): number | null {
  return /^\d{12}$/.test(name) ? Number(name) : null;
}

function claimPath(folder: string, claim: number): string {
  return join(folder, String(claim).padStart(12, '0'));
}
