import { defineFor } from './plugin.js';
import type { ModelRef } from './model.js';
import { createToken } from './token.js';

export type SessionStatus = 'created' | 'running' | 'paused' | 'completed' | 'failed' | 'interrupted';

/** One run of a pipeline. */
export interface SessionRecord {
  readonly id: string;
  readonly status: SessionStatus;
  readonly created_at: string;
  readonly updated_at: string;
  readonly ended_at: string | null;
  readonly current_phase: string | null;
  /** 0..100 over the configured pipeline; monotone except on rollback. */
  readonly progress_percent: number;
  readonly pipeline: readonly string[];
  readonly config_hash: string;
  readonly seed: number;
  readonly pinned: boolean;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** A recorded handoff between two phases. */
export interface HandoffRecord {
  readonly id: string;
  readonly session_id: string;
  readonly source_phase: string;
  readonly target_phase: string | null;
  readonly model_ids: readonly string[];
  readonly created_at: string;
  readonly validation_status: 'passed' | 'failed' | 'pending';
  /** sha256 of the handoff document in the artifact store. */
  readonly document: string | null;
}

/** Outcome of one phase of one session. */
export interface PhaseRecord {
  readonly session_id: string;
  readonly phase: string;
  readonly status: 'running' | 'completed' | 'failed' | 'rolled-back';
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly duration_seconds: number | null;
  /** sha256 of the stored PhaseResult document; null until completed. */
  readonly result: string | null;
}

export interface ModelFilter {
  readonly session?: string;
  readonly phase?: string;
  /** Substring of id or name, case-insensitive. */
  readonly search?: string;
  /** Newest first; default 100. */
  readonly limit?: number;
}

/**
 * Catalogue of sessions, phases, models and handoffs. Many processes may share one; each mutation is atomic and
 * durable when its promise resolves. Must be implementable over JSON files and over SQL alike.
 */
export interface Registry {
  createSession(session: SessionRecord): Promise<void>;
  /** @throws ForgeError AF_REGISTRY_NOT_FOUND */
  updateSession(id: string, changes: Partial<Omit<SessionRecord, 'id'>>): Promise<SessionRecord>;
  session(id: string): Promise<SessionRecord | null>;
  /** Newest first. */
  sessions(filter?: {
    readonly status?: readonly SessionStatus[];
    readonly limit?: number;
  }): Promise<SessionRecord[]>;
  savePhase(record: PhaseRecord): Promise<void>;
  phases(session: string): Promise<PhaseRecord[]>;
  /** Register; registering the same id with the same content again is a no-op. @throws AF_REGISTRY_DUPLICATE */
  registerModel(model: ModelRef): Promise<void>;
  model(id: string): Promise<ModelRef | null>;
  models(filter?: ModelFilter): Promise<ModelRef[]>;
  deleteModel(id: string): Promise<void>;
  saveHandoff(record: HandoffRecord): Promise<void>;
  handoffs(session: string): Promise<HandoffRecord[]>;
  /** Removes handoffs, models, phases and the session, in that order, as one transaction. */
  deleteSession(id: string): Promise<void>;
  /** Fold journals, release locks. */
  close(): Promise<void>;
}

/** Opens a registry in a folder. */
export interface RegistryProvider {
  open(folder: string): Promise<Registry>;
}

export const REGISTRY = createToken<RegistryProvider>('registry', { open: 'function' });
/** Define a registry plugin. */
export const defineRegistry = defineFor(REGISTRY);
