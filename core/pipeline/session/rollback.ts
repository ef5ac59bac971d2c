import type { PhaseRecord, Registry, SessionRecord, SessionStorage } from '../../contracts/index.js';
import { ForgeError } from '../../errors/index.js';
import type { RollbackReport } from '../../kernel/types.js';
import type { PipelineCore } from '../core.js';
import { findSession } from './sessions.js';

/**
 * Take a session back to the end of `phase`; a resumed run goes on from there.
 * @throws ForgeError AF_SESSION_NOT_FOUND, AF_SESSION_LOCKED, AF_SESSION_NOT_RESUMABLE
 */
export async function rollbackSession(
  id: string,
  phase: string,
  core: PipelineCore,
): Promise<RollbackReport> {
  const [registry, storage] = [await core.registry(), await core.storage()];
  const { id: sessionId, pipeline } = await findSession(id, registry, storage);
  const index = pipeline.indexOf(phase);
  const records = new Map((await registry.phases(sessionId)).map((record) => [record.phase, record]));
  if (records.get(phase)?.status !== 'completed') {
    const done = pipeline.filter((name) => records.get(name)?.status === 'completed');
    throw new ForgeError(
      'AF_SESSION_NOT_RESUMABLE',
      `Session ${sessionId} has no completed phase "${phase}" to go back to.`,
      {
        at: sessionId,
        fix:
          done.length === 0
            ? 'No phase of it is completed: start a new session.'
            : `Completed are ${done.join(', ')}.`,
      },
    );
  }
  const session = await storage.openSession(sessionId, { create: false });
  try {
    return await rollBackTo({ sessionId, pipeline, index, records, registry, session, core });
  } finally {
    await session.release();
  }
}

export interface Rollback {
  readonly sessionId: string;
  readonly pipeline: readonly string[];
  /** Index of the phase whose result is kept and becomes the newest. */
  readonly index: number;
  readonly records: ReadonlyMap<string, PhaseRecord>;
  readonly registry: Registry;
  /** The session's folder, locked. */
  readonly session: SessionStorage;
  readonly core: PipelineCore;
}

/**
 * The last phase first, checkpoints before record: at any moment the completed phases are the first ones of the
 * pipeline, and none that counts as rolled back has a checkpoint to start from.
 */
export async function rollBackTo({
  sessionId,
  pipeline,
  index,
  records,
  registry,
  session,
  core,
}: Rollback): Promise<RollbackReport> {
  const toPhase = pipeline[index]!;
  const rolledBack: string[] = [];
  for (const phase of pipeline.slice(index + 1).reverse()) {
    await session.checkpoints(phase).clear();
    const record = records.get(phase);
    if (record === undefined) continue;
    await registry.savePhase({ ...record, status: 'rolled-back' });
    rolledBack.unshift(phase);
  }
  const changes: Partial<Omit<SessionRecord, 'id'>> = {
    status: 'paused',
    current_phase: toPhase,
    progress_percent: (100 * (index + 1)) / pipeline.length,
    updated_at: new Date().toISOString(),
    ended_at: null,
    error: null,
  };
  await registry.updateSession(sessionId, changes);
  core.bus.emit({
    type: 'lifecycle',
    event: 'rollback',
    phase: toPhase,
    facts: { sessionId, toPhase, rolledBack },
    time: Date.now(),
  });
  await core.hooks.onRollback.promise({ sessionId, toPhase });
  return { sessionId, toPhase, rolledBack };
}
