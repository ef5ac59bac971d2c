import {
  PHASE,
  type Handoff,
  type PhaseResult,
  type Registry,
  type SessionRecord,
  type SessionStorage,
  type Storage,
} from '../../contracts/index.js';
import { Stopwatch } from '../../kernel/stopwatch.js';
import type { RunOptions } from '../../kernel/types.js';
import type { PipelineCore } from '../core.js';
import type { PauseRequest } from './pause.js';
import { configDocument, earlierResults, requireSameConfig, storedInput } from '../session/resume.js';
import { CONFIG_FILE, INPUT_FILE, writeDocument } from '../session/session-files.js';
import { rollBackTo } from '../session/rollback.js';
import { LazyEngine, type Run } from './run.js';
import { SinkSet } from './sinks.js';
import { findTarget, type Target } from '../plan/target.js';

/** What opening a session works with. */
interface World {
  readonly id: string;
  /** The session's folder, locked. */
  readonly session: SessionStorage;
  readonly storage: Storage;
  readonly registry: Registry;
  readonly core: PipelineCore;
  readonly options: RunOptions;
}

interface Opened {
  readonly target: Target;
  readonly earlier: ReadonlyMap<string, PhaseResult>;
  readonly input: Handoff | null;
}

/**
 * Make or reopen the session of a target: locked, in the registry as running, its config stored.
 * @throws ForgeError AF_SESSION_LOCKED, AF_SESSION_CONFIG_CHANGED, AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT
 */
export async function openRun(
  target: Target,
  options: RunOptions,
  core: PipelineCore,
  pause: PauseRequest,
): Promise<Run> {
  const stopwatch = new Stopwatch();
  const world = await stopwatch.measure('records', () => lockSession(target, options, core));
  const opened = await stopwatch.measure('records', () =>
    releasing(world, target.session === null ? create(target, world) : reopen(world)),
  );
  const { phases, start } = opened.target;
  const reached = (100 * start) / phases.length;
  const percent = target.rollback ? reached : Math.max(reached, target.session?.progress_percent ?? 0);
  const warnings: string[] = [];
  const warn = (message: string, sink: string): void => {
    warnings.push(message);
    core.log.warn(message, { sink });
  };
  return {
    core,
    sessionId: world.id,
    phases,
    start,
    resumed: target.session !== null,
    storage: world.storage,
    registry: world.registry,
    session: world.session,
    sinks: new SinkSet(core.calls, warn),
    stopwatch,
    pause,
    engine: new LazyEngine(core),
    input: opened.input,
    earlier: opened.earlier,
    reports: new Map(),
    warnings,
    progress: { percent, recorded: percent },
    clock: { phasesMs: 0 },
  };
}

async function lockSession(target: Target, options: RunOptions, core: PipelineCore): Promise<World> {
  const storage = await core.storage();
  const registry = await core.registry();
  const id = target.session?.id ?? (await storage.newSessionId());
  const session = await storage.openSession(id, { create: target.session === null });
  return { id, session, storage, registry, core, options };
}

/** Files before the record: a session that the registry knows can always be resumed. */
async function create(target: Target, { id, session, registry, core, options }: World): Promise<Opened> {
  await writeDocument(session, CONFIG_FILE, configDocument(core, options.invocation ?? []));
  if (target.input !== null) {
    const { sessionId, sourcePhase, document } = target.input;
    await writeDocument(session, INPUT_FILE, { sessionId, sourcePhase, document });
  }
  await registry.createSession(newRecord(id, target, core));
  return { target, earlier: new Map(), input: target.input?.handoff ?? null };
}

function newRecord(id: string, { phases }: Target, { config, configHash }: PipelineCore): SessionRecord {
  const now = new Date().toISOString();
  return {
    id,
    status: 'running',
    created_at: now,
    updated_at: now,
    ended_at: null,
    current_phase: null,
    progress_percent: 0,
    pipeline: phases,
    config_hash: configHash,
    seed: config.seed,
    pinned: false,
    error: null,
  };
}

/** Looks at the session again now that it is locked: somebody may have worked on it a moment ago. */
async function reopen(world: World): Promise<Opened> {
  const { id, session, storage, registry, core, options } = world;
  const record = await registry.session(id);
  if (record !== null) await requireSameConfig(record, session, core, options.invocation ?? []);
  const target = await findTarget({ resume: id, from: options.from }, core);
  const { phases, start, records } = target;
  if (target.rollback)
    await rollBackTo({ sessionId: id, pipeline: phases, index: start - 1, records, registry, session, core });
  const done = phases.slice(0, start);
  // A run killed between the record of a completed phase and this leaves them behind.
  for (const phase of done) await session.checkpoints(phase).clear();
  const earlier = await earlierResults(done, records, storage);
  const input =
    start === 0 ? await firstInput(phases[0]!, world) : (earlier.get(phases[start - 1]!)?.handoff ?? null);
  if (start < phases.length) {
    const changes = {
      status: 'running',
      updated_at: new Date().toISOString(),
      ended_at: null,
      error: null,
    } as const;
    await registry.updateSession(id, changes);
  }
  return { target, earlier, input };
}

async function firstInput(phase: string, { id, session, storage, core }: World): Promise<Handoff | null> {
  const takesOne = core.points.resolve(PHASE, phase).input !== null;
  return takesOne ? storedInput(id, session, phase, storage) : null;
}

async function releasing<T>({ session }: World, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    await session.release();
    throw error;
  }
}
