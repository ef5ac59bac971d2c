import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Low } from 'lowdb';
import type { ModelRef } from '../../../core/contracts/model.js';
import type {
  HandoffRecord,
  ModelFilter,
  PhaseRecord,
  Registry,
  SessionRecord,
  SessionStatus,
} from '../../../core/contracts/registry.js';
import { ForgeError } from '../../../core/errors/index.js';
import { nodeFileSystem, type FileSystem } from '../../../storage/file-system.js';
import { waitForLock, type HeldLock } from '../../../storage/lock.js';
import { removeAbandoned } from '../../../storage/temporary.js';
import {
  emptyCollections,
  registryValidator,
  SnapshotFile,
  type Collections,
  type RegistryWarning,
} from './snapshot.js';

/** How long a mutation waits for other processes before it gives up. */
const LOCK_TIMEOUT_MS = 30_000;

export interface LowdbOptions {
  readonly lockTimeoutMs?: number;
  readonly onWarning?: RegistryWarning;
  readonly files?: FileSystem;
}

/**
 * Open the registry in a folder. Reading takes no lock and sees the newest snapshot; each mutation reads, changes and
 * replaces the snapshot under a lock that all processes share. The folder is made by the first mutation.
 *
 * @throws ForgeError AF_REGISTRY_CORRUPT, AF_REGISTRY_VERSION, AF_STORAGE_DENIED
 */
export async function openLowdbRegistry(folder: string, options: LowdbOptions = {}): Promise<Registry> {
  const files = options.files ?? nodeFileSystem;
  const snapshot = new SnapshotFile(
    folder,
    await registryValidator(),
    options.onWarning ?? (() => undefined),
    files,
  );
  await snapshot.read();
  return new LowdbRegistry(folder, snapshot, { ...options, files });
}

class LowdbRegistry implements Registry {
  /** Mutations of this object, one after the other. */
  private queue: Promise<unknown> = Promise.resolve();
  private tidied = false;

  constructor(
    private readonly folder: string,
    private readonly snapshot: SnapshotFile,
    private readonly options: LowdbOptions,
  ) {}

  createSession(session: SessionRecord): Promise<void> {
    return this.mutate('create a session', ({ sessions }) => {
      if (sessions.some(({ id }) => id === session.id)) throw duplicate('session', session.id);
      sessions.push(detached(session));
    });
  }

  updateSession(id: string, changes: Partial<Omit<SessionRecord, 'id'>>): Promise<SessionRecord> {
    return this.mutate('update a session', ({ sessions }) => {
      const index = sessions.findIndex((session) => session.id === id);
      const current = sessions[index];
      if (!current) throw notFound('session', id);
      const updated = { ...current, updated_at: new Date().toISOString(), ...detached(changes), id };
      sessions[index] = updated;
      return updated;
    });
  }

  async session(id: string): Promise<SessionRecord | null> {
    return (await this.read()).sessions.find((session) => session.id === id) ?? null;
  }

  async sessions(
    filter: { readonly status?: readonly SessionStatus[]; readonly limit?: number } = {},
  ): Promise<SessionRecord[]> {
    const { sessions } = await this.read();
    const { status } = filter;
    const found = newestFirst(sessions, ({ created_at }) => created_at);
    return found.filter((session) => !status || status.includes(session.status)).slice(0, filter.limit);
  }

  savePhase(record: PhaseRecord): Promise<void> {
    return this.mutate('save a phase', ({ sessions, phases }) => {
      if (!sessions.some(({ id }) => id === record.session_id)) throw notFound('session', record.session_id);
      const index = phases.findIndex(
        ({ session_id, phase }) => session_id === record.session_id && phase === record.phase,
      );
      phases[index < 0 ? phases.length : index] = detached(record);
    });
  }

  async phases(session: string): Promise<PhaseRecord[]> {
    return (await this.read()).phases.filter(({ session_id }) => session_id === session);
  }

  registerModel(model: ModelRef): Promise<void> {
    return this.mutate('register a model', ({ models }) => {
      const known = models.find(({ id }) => id === model.id);
      if (!known) models.push(detached(model));
      else if (!isDeepStrictEqual(content(known), content(detached(model))))
        throw duplicate('model', model.id);
    });
  }

  async model(id: string): Promise<ModelRef | null> {
    return (await this.read()).models.find((model) => model.id === id) ?? null;
  }

  async models(filter: ModelFilter = {}): Promise<ModelRef[]> {
    const { models } = await this.read();
    const search = filter.search?.toLowerCase();
    const found = newestFirst(models, ({ metadata }) => metadata.created_at).filter(
      ({ id, name, metadata }) =>
        (filter.session === undefined || metadata.session_id === filter.session) &&
        (filter.phase === undefined || metadata.phase_name === filter.phase) &&
        (search === undefined || `${id}\n${name}`.toLowerCase().includes(search)),
    );
    return found.slice(0, filter.limit ?? 100);
  }

  deleteModel(id: string): Promise<void> {
    return this.mutate('delete a model', (data) => {
      if (!data.models.some((model) => model.id === id)) throw notFound('model', id);
      data.models = data.models.filter((model) => model.id !== id);
    });
  }

  saveHandoff(record: HandoffRecord): Promise<void> {
    return this.mutate('save a handoff', ({ sessions, models, handoffs }) => {
      if (!sessions.some(({ id }) => id === record.session_id)) throw notFound('session', record.session_id);
      const unknown = record.model_ids.find((model) => !models.some(({ id }) => id === model));
      if (unknown !== undefined) throw notFound('model', unknown);
      const index = handoffs.findIndex(({ id }) => id === record.id);
      handoffs[index < 0 ? handoffs.length : index] = detached(record);
    });
  }

  async handoffs(session: string): Promise<HandoffRecord[]> {
    return (await this.read()).handoffs.filter(({ session_id }) => session_id === session);
  }

  deleteSession(id: string): Promise<void> {
    return this.mutate('delete a session', (data) => {
      if (!data.sessions.some((session) => session.id === id)) throw notFound('session', id);
      data.handoffs = data.handoffs.filter(({ session_id }) => session_id !== id);
      data.models = data.models.filter(({ metadata }) => metadata.session_id !== id);
      data.phases = data.phases.filter(({ session_id }) => session_id !== id);
      data.sessions = data.sessions.filter((session) => session.id !== id);
    });
  }

  async close(): Promise<void> {
    await this.queue;
  }

  private async read(): Promise<Collections> {
    return (await this.snapshot.read()) ?? emptyCollections();
  }

  /** Change the newest snapshot; when `change` throws, nothing is written. */
  private mutate<T>(purpose: string, change: (data: Collections) => T): Promise<T> {
    const run = async (): Promise<T> => {
      const lock = await this.acquire(purpose);
      try {
        await this.tidy();
        const database = new Low<Collections>(this.snapshot, emptyCollections());
        await database.read();
        const result = change(database.data);
        await database.write();
        return result;
      } finally {
        await lock.release();
      }
    };
    const done = this.queue.then(run);
    this.queue = done.catch(() => undefined);
    return done;
  }

  /** Before the first change of this object: what dead processes left half-written goes. */
  private async tidy(): Promise<void> {
    if (this.tidied) return;
    await removeAbandoned(this.folder, this.options.files);
    this.tidied = true;
  }

  private async acquire(purpose: string): Promise<HeldLock> {
    const folder = join(this.folder, 'lock');
    const timeout = this.options.lockTimeoutMs ?? LOCK_TIMEOUT_MS;
    const attempt = await waitForLock(folder, purpose, timeout, { files: this.options.files });
    if (attempt.held) return attempt.held;
    const { owner } = attempt;
    const who = owner
      ? `process ${owner.pid} on ${owner.host} since ${owner.since} (to ${owner.purpose})`
      : 'an unknown process';
    throw new ForgeError('AF_REGISTRY_LOCKED', `The registry is locked by ${who}.`, {
      at: folder,
      fix: 'Wait for that process or end it; a dead owner is noticed by itself.',
      facts: { pid: owner?.pid ?? null, host: owner?.host ?? null, since: owner?.since ?? null },
    });
  }
}

/** What makes two registrations the same model: its files and config, not when or how fast it was made. */
function content({ config, weights, tokenizer, sidecars }: ModelRef): unknown {
  return { config, weights, tokenizer, sidecars };
}

/** A copy of what JSON keeps of a record, so that the caller's object and the stored one are two. */
function detached<T>(record: T): T {
  return JSON.parse(JSON.stringify(record)) as T;
}

/** Later created first; of equal times the later inserted first. */
function newestFirst<T>(records: readonly T[], time: (record: T) => string): T[] {
  const milliseconds = new Map(records.map((record) => [record, Date.parse(time(record))]));
  return [...records].reverse().sort((a, b) => milliseconds.get(b)! - milliseconds.get(a)!);
}

function duplicate(kind: string, id: string): ForgeError {
  return new ForgeError('AF_REGISTRY_DUPLICATE', `The registry already holds a different ${kind} ${id}.`, {
    at: id,
    fix: `Give the ${kind} another name, or delete the registered one first.`,
    facts: { kind, id },
  });
}

function notFound(kind: string, id: string): ForgeError {
  return new ForgeError('AF_REGISTRY_NOT_FOUND', `The registry has no ${kind} ${id}.`, {
    at: id,
    fix: `agentforge ${kind === 'model' ? 'models' : 'status'} lists what there is.`,
    facts: { kind, id },
  });
}
