import {
  PHASE,
  PHASE_SECONDS,
  type Handoff,
  type Phase,
  type PhaseFacts,
  type PhaseRecord,
  type PhaseResult,
} from '../../contracts/index.js';
import { ForgeError, isForgeError } from '../../errors/index.js';
import { messageOf } from '../../errors/message-of.js';
import { putDocument } from '../session/documents.js';
import { enforceGates, missedGates } from './gates.js';
import { recordCompletion } from './record-completion.js';
import { registerModels } from './models.js';
import { phaseClock, type PhaseClock } from './phase-clock.js';
import { phaseContext } from './phase-context.js';
import { checkHandoff, checkInput, checkResult, checkStored, detachedResult } from './result.js';
import { called, recorded, type Run } from './run.js';

/**
 * Run one phase: check its input, let it work, check what it gives, enforce its gates, record everything.
 * @returns its result, with the handoff as hooks left it
 * @throws what the phase, a check, a gate or a hook throws; the phase's record says `failed` then, unless the run
 * is being paused
 */
export async function runPhase(run: Run, index: number, input: Handoff | null): Promise<PhaseResult> {
  const name = run.phases[index]!;
  const phase = run.core.points.resolve(PHASE, name);
  const facts: PhaseFacts = { sessionId: run.sessionId, phase: name, index, total: run.phases.length };
  const record = await recorded(run, () => startRecord(run, name));
  const clock = phaseClock(record);
  let result: PhaseResult | null = null;
  const keep = (measured: PhaseResult): void => {
    result = measured;
  };
  run.reports.set(name, {
    name,
    title: phase.title,
    status: 'pending',
    durationSeconds: null,
    result: null,
    missedGates: [],
  });
  emit(run, 'phase-start', name, {
    title: phase.title,
    index,
    total: facts.total,
    resumed: record.duration_seconds !== null,
  });
  try {
    const final = await workThrough(run, { phase, facts, clock }, input, keep);
    await recordCompletion(run, facts, clock.record(), final);
    const seconds = clock.seconds();
    report(run, facts, phase, 'completed', seconds, final);
    emit(run, 'phase-end', name, {
      status: 'completed',
      seconds,
      metrics: final.metrics,
      warnings: final.warnings,
    });
    await called(run, () => run.core.hooks.onAfterPhase.promise(facts, final));
    return final;
  } catch (error) {
    if (run.reports.get(name)?.status !== 'completed') {
      await recordInterruption(run, facts, phase, clock.record(), result, error);
    }
    throw error;
  }
}

/** A phase that is under way. */
interface Sitting {
  readonly phase: Phase;
  readonly facts: PhaseFacts;
  readonly clock: PhaseClock;
}

/** From input to checked result; `keep` hears of the result as soon as there is one, gates passed or not. */
async function workThrough(
  run: Run,
  sitting: Sitting,
  input: Handoff | null,
  keep: (result: PhaseResult) => void,
): Promise<PhaseResult> {
  const { core } = run;
  const { phase, facts } = sitting;
  const { phase: name } = facts;
  await called(run, () => core.hooks.onBeforePhase.promise(facts));
  checkInput(name, phase, input, core.validator);
  await called(run, () => core.hooks.validateInput.promise(facts, input));
  const given = await work(run, sitting, input);
  const result = await recorded(run, async () => {
    const stored = detachedResult(name, given);
    checkResult(name, phase, stored, core.validator);
    checkStored(name, stored, run.storage.artifacts);
    await registerModels(run, name, stored);
    return stored;
  });
  const timed = measureSeconds(run, sitting, result);
  keep(timed);
  await called(run, () => core.hooks.validateOutput.promise(facts, timed));
  const final = await modifyHandoff(run, phase, facts, timed);
  await announceGates(run, facts, final);
  enforceGates(name, final.gates, core.config.gates.policy);
  return final;
}

/** The result with the seconds of all sittings, told to the sinks as well. */
function measureSeconds(run: Run, { facts, clock }: Sitting, result: PhaseResult): PhaseResult {
  const value = clock.seconds();
  const point = { name: PHASE_SECONDS, value, step: 0, phase: facts.phase, unit: 's', time: Date.now() };
  run.core.bus.emit({ type: 'metric', ...point });
  return Object.freeze({ ...result, metrics: Object.freeze({ ...result.metrics, [PHASE_SECONDS]: value }) });
}

async function modifyHandoff(
  run: Run,
  phase: Phase,
  facts: PhaseFacts,
  result: PhaseResult,
): Promise<PhaseResult> {
  const { handoff } = result;
  if (handoff === null) return result;
  const modified = await called(run, () => run.core.hooks.modifyHandoff.promise(handoff, facts));
  if (modified === handoff) return result;
  const final = detachedResult(facts.phase, { ...result, handoff: modified });
  checkHandoff(facts.phase, phase, final.handoff, run.core.validator);
  checkStored(facts.phase, final, run.storage.artifacts);
  return final;
}

/** The phase itself, timed without what the kernel takes inside it. */
async function work(run: Run, { phase, facts, clock }: Sitting, input: Handoff | null): Promise<PhaseResult> {
  const before = run.stopwatch.total();
  const started = performance.now();
  const { plugin } = run.core.points.providerOf(PHASE, facts.phase);
  const call = { plugin, name: facts.phase, what: 'phase.run' };
  const lease = phaseContext(run, facts, clock);
  try {
    return await run.core.calls.wait(call, () => phase.run(lease.context, input), 'quietly');
  } catch (cause) {
    if (isForgeError(cause)) throw cause;
    throw new ForgeError('AF_PHASE_FAILED', `Phase "${facts.phase}" failed: ${messageOf(cause)}`, {
      at: `phase ${facts.phase}`,
      cause,
      fix: 'Its last checkpoint is kept: when the cause is mended, go on with `agentforge run --resume`.',
      facts: { phase: facts.phase, plugin },
    });
  } finally {
    lease.end();
    run.clock.phasesMs += performance.now() - started - 1000 * (run.stopwatch.total() - before);
  }
}

async function announceGates(run: Run, facts: PhaseFacts, { gates }: PhaseResult): Promise<void> {
  for (const gate of gates) {
    emit(run, 'gate', facts.phase, { ...gate });
    await called(run, () => run.core.hooks.onGate.promise(facts, gate));
  }
}

/** The phase's record as `running`; one started earlier keeps its start and the seconds it took so far. */
async function startRecord({ registry, sessionId, core }: Run, phase: string): Promise<PhaseRecord> {
  const now = new Date().toISOString();
  const earlier = (await registry.phases(sessionId)).find((record) => record.phase === phase);
  const resumed = earlier !== undefined && earlier.status !== 'rolled-back' ? earlier : null;
  const record: PhaseRecord = {
    session_id: sessionId,
    phase,
    status: 'running',
    started_at: resumed?.started_at ?? now,
    ended_at: null,
    duration_seconds: resumed?.duration_seconds ?? null,
    result: null,
  };
  await registry.savePhase(record);
  await registry.updateSession(sessionId, { current_phase: phase, updated_at: now });
  core.log.debug(`Phase "${phase}" starts.`);
  return record;
}

/** Paused: the record stays `running` with its seconds. Failed: with the numbers, when there were any. */
async function recordInterruption(
  run: Run,
  facts: PhaseFacts,
  phase: Phase,
  record: PhaseRecord,
  result: PhaseResult | null,
  error: unknown,
): Promise<void> {
  const paused = run.pause.explains(error);
  report(run, facts, phase, paused ? 'paused' : 'failed', record.duration_seconds ?? 0, result);
  emit(run, 'phase-end', facts.phase, {
    status: paused ? 'paused' : 'failed',
    seconds: record.duration_seconds,
  });
  try {
    await recorded(run, async () => {
      if (paused) return run.registry.savePhase(record);
      const document =
        result === null ? null : await putDocument(run.storage.artifacts, 'phase-result.json', result);
      await run.registry.savePhase({
        ...record,
        status: 'failed',
        ended_at: new Date().toISOString(),
        result: document?.sha256 ?? null,
      });
    });
    if (!paused) await called(run, () => run.core.hooks.onPhaseFailed.promise(facts, error));
  } catch (trouble) {
    run.core.log.warn(`While recording the end of phase "${facts.phase}": ${messageOf(trouble)}`);
  }
}

function report(
  run: Run,
  { phase: name }: PhaseFacts,
  { title }: Phase,
  status: 'completed' | 'failed' | 'paused',
  seconds: number,
  result: PhaseResult | null,
): void {
  const missed = result === null ? [] : missedGates(result.gates);
  run.reports.set(name, { name, title, status, durationSeconds: seconds, result, missedGates: missed });
}

function emit(
  run: Run,
  event: 'phase-start' | 'phase-end' | 'gate',
  phase: string,
  facts: Readonly<Record<string, unknown>>,
): void {
  run.core.bus.emit({ type: 'lifecycle', event, phase, facts, time: Date.now() });
}
