import { defineFor } from './plugin.js';
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
}

export interface StorageProvider {
  open(root: string): Promise<Storage>;
}

export const STORAGE = createToken<StorageProvider>('storage');
/** Define a storage plugin. */
export const defineStorage = defineFor(STORAGE);
