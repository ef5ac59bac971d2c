import { defineFor } from './plugin.js';
import type { Registry } from './registry.js';
import type { ArtifactStore, CheckpointArea } from './store.js';
import { createToken } from './token.js';

/** The folder of one session, held exclusively by this process until released. */
export interface SessionStorage {
  /** Absolute path. */
  readonly folder: string;
  checkpoints(phase: string): CheckpointArea;
  /** Atomic write of a small file of the session (config, report). */
  writeFile(name: string, content: string): Promise<void>;
  /** Content, or null when there is no such file. */
  readFile(name: string): Promise<string | null>;
  /** Give the lock back. */
  release(): Promise<void>;
}

/** Which sessions may go. Running, paused, pinned and locked ones never do. */
export interface CleanupPolicy {
  /** Age in days, since their end, from which completed sessions go. */
  readonly completedDays: number;
  /** The same for failed and interrupted sessions and ones that never began. */
  readonly failedDays: number;
  /** Of more sessions than this, the oldest that may go do. */
  readonly maxSessions: number;
  /** Hours that content stays which nothing refers to and no removed session made; default 24. */
  readonly graceHours?: number;
}

export interface CleanupItem {
  /** `artifact`: content that nothing refers to any more. `leftover`: what a killed process left half-made. */
  readonly kind: 'session' | 'artifact' | 'leftover';
  /** Session id, sha256, or path below the storage root. */
  readonly id: string;
  readonly bytes: number;
  readonly reason: string;
  /** Of an artifact: Unix milliseconds of its last change when it was planned. Changed since, it stays. */
  readonly changed?: number;
}

/** Content that nothing refers to and that stays all the same, because something running may be about to. */
export interface CleanupWaiting {
  readonly artifacts: number;
  readonly bytes: number;
  /** From when all of it may go (ISO 8601, UTC); null: not before the sessions named have ended. */
  readonly until: string | null;
  /** Sessions that may still go on and can have made it. */
  readonly sessions: readonly string[];
}

/** What a cleanup would remove; plain data, for `--dry-run --json`. */
export interface CleanupPlan {
  readonly remove: readonly CleanupItem[];
  /** Sessions that stay, and why. */
  readonly keep: readonly { readonly id: string; readonly reason: string }[];
  /** Sum over `remove`. */
  readonly bytes: number;
  /** Null: nothing has to wait. */
  readonly waiting?: CleanupWaiting | null;
  /** Of the policy. */
  readonly graceHours?: number;
}

export interface CleanupResult {
  readonly removed: readonly CleanupItem[];
  /** Planned, but no longer allowed when their turn came. */
  readonly skipped: readonly { readonly item: CleanupItem; readonly reason: string }[];
  /** Sum over `removed`. */
  readonly bytes: number;
}

/** Everything below `.agentforge/` except the registry's own files. */
export interface Storage {
  readonly root: string;
  readonly artifacts: ArtifactStore;
  /** A fresh id, `session_YYYYMMDD_HHMMSS` with a counter suffix when taken; its folder is reserved. */
  newSessionId(): Promise<string>;
  /**
   * Lock and open a session's folder.
   * @throws ForgeError AF_SESSION_LOCKED when another live process holds it; a dead owner's lock is taken over.
   * @throws ForgeError AF_SESSION_NOT_FOUND when `create` is false and there is no such session.
   */
  openSession(id: string, options: { readonly create: boolean }): Promise<SessionStorage>;
  /** Whether a live process holds the session. */
  isLocked(id: string): Promise<boolean>;
  freeBytes(): Promise<number>;
  /** What the policy would remove. Changes nothing. A storage that keeps nothing to clean leaves it out. */
  planCleanup?(registry: Registry, policy: CleanupPolicy): Promise<CleanupPlan>;
  /** Remove what was planned, each item only if it still may go. */
  applyCleanup?(plan: CleanupPlan, registry: Registry): Promise<CleanupResult>;
}

export interface StorageProvider {
  open(root: string): Promise<Storage>;
}

export const STORAGE = createToken<StorageProvider>('storage', { open: 'function' });
/** Define a storage plugin. */
export const defineStorage = defineFor(STORAGE);
