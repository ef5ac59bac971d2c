import { createHash } from 'node:crypto';
import type { Handoff, HandoffRecord, PhaseFacts, PhaseRecord, PhaseResult } from '../../contracts/index.js';
import { putDocument } from '../session/documents.js';
import { registerModels } from './models.js';
import { recorded, type Run } from './run.js';

/**
 * Make a phase's result durable. The order matters when the process is killed in between: documents and models
 * first, then the phase's record, which alone makes the phase count as completed, then what follows from it. Before
 * that record a resumed run repeats the phase from its last checkpoint and writes the same again.
 */
export async function recordCompletion(
  run: Run,
  facts: PhaseFacts,
  record: PhaseRecord,
  result: PhaseResult,
): Promise<void> {
  const { sessionId, registry, progress, session, core } = run;
  const target = run.phases[facts.index + 1] ?? null;
  // From the record on the phase is not repeated: what sinks heard of it stays.
  await run.stopwatch.measure('sinks', () => run.sinks.flush(true));
  await recorded(run, async () => {
    const document = await putDocument(run.storage.artifacts, 'phase-result.json', result);
    await registerModels(run, facts.phase, result);
    if (result.handoff !== null)
      await registry.saveHandoff(await handoffRecord(run, facts.phase, target, result.handoff));
    const now = new Date().toISOString();
    await registry.savePhase({ ...record, status: 'completed', ended_at: now, result: document.sha256 });
    progress.percent = Math.max(progress.percent, (100 * (facts.index + 1)) / facts.total);
    await registry.updateSession(sessionId, { progress_percent: progress.percent, updated_at: now });
    await session.checkpoints(facts.phase).clear();
  });
  if (result.handoff === null) return;
  const { schema, models } = result.handoff;
  core.bus.emit({
    type: 'lifecycle',
    event: 'handoff',
    phase: facts.phase,
    facts: { schema, to: target, models: models.map(({ id }) => id) },
    time: Date.now(),
  });
}

async function handoffRecord(
  run: Run,
  source: string,
  target: string | null,
  handoff: Handoff,
): Promise<HandoffRecord> {
  const document = await putDocument(run.storage.artifacts, 'handoff.json', handoff);
  return {
    id: handoffId(run.sessionId, source, target),
    session_id: run.sessionId,
    source_phase: source,
    target_phase: target,
    model_ids: [...new Set(handoff.models.map(({ id }) => id))],
    created_at: new Date().toISOString(),
    validation_status: 'passed',
    document: document.sha256,
  };
}

/** The same phases of the same session always get the same id: a repeated phase replaces its handoff. */
function handoffId(session: string, source: string, target: string | null): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([session, source, target]))
    .digest('hex');
  const words = ['handoff', source, target ?? 'end'].map((word) => word.replaceAll(/[^A-Za-z0-9_.-]/g, '-'));
  return `${words.join('_')}_${digest.slice(0, 8)}`;
}
