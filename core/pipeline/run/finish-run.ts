import { encodeJson } from '../../contracts/json-numbers.js';
import type { PipelineFacts, SessionRecord } from '../../contracts/index.js';
import { isForgeError, type ForgeError } from '../../errors/index.js';
import { hookError } from '../../kernel/wrap-tap.js';
import { messageOf } from '../../errors/message-of.js';
import type { OverheadReport, PhaseReport, RunReport } from '../../kernel/types.js';
import { cleanUp } from './clean-up.js';
import { called, type Run } from './run.js';

/** File of a session with the report of its last run. */
export const REPORT_FILE = 'report.json';

export interface Outcome {
  readonly status: RunReport['status'];
  readonly error: ForgeError | null;
}

/**
 * Record how the run ended, tell everybody, release everything. Nothing in here may hide the outcome: what goes
 * wrong becomes a warning, except that a run whose end could not be recorded is not a completed one.
 */
export async function finishRun(run: Run, outcome: Outcome, seconds: () => number): Promise<RunReport> {
  const { core, session } = run;
  const attempt = attempts(run);
  await attempt('dispose the engine', () => run.engine.dispose());
  const failure = await attempt('record the end of the run', () =>
    run.stopwatch.measure('records', () => recordEnd(run, outcome)),
  );
  const end =
    failure === null || outcome.status !== 'completed'
      ? outcome
      : { status: 'failed' as const, error: failure };
  if (end.status === 'completed') await attempt('clean up', () => cleanUp(run));
  await attempt('tell plugins that the run ended', () => announce(run, end));
  for (const trouble of core.troubles.splice(0)) warn(run, trouble.message);
  const warnings = [...run.warnings, ...resultWarnings([...run.reports.values()])];
  const report = (): RunReport => ({
    sessionId: run.sessionId,
    folder: session.folder,
    ...end,
    phases: run.phases.map((name) => run.reports.get(name)!),
    durationSeconds: seconds(),
    overhead: overheadOf(run),
    warnings: [...new Set([...warnings, ...run.warnings])],
  });
  await attempt('write the report', () =>
    session.writeFile(REPORT_FILE, `${encodeJson(portable(report()), 2)}\n`),
  );
  await attempt('flush the sinks', () => run.stopwatch.measure('sinks', () => run.sinks.flush()));
  await attempt('close the sinks', () => run.stopwatch.measure('sinks', () => run.sinks.close()));
  core.bus.detach();
  await attempt('release the session', () => session.release());
  return report();
}

/** Do something that may fail; what goes wrong is a warning of the run and given back. */
function attempts(run: Run): (what: string, work: () => Promise<void>) => Promise<ForgeError | null> {
  return async (what, work) => {
    try {
      await work();
      return null;
    } catch (error) {
      warn(run, `Could not ${what}: ${messageOf(error)}`);
      return isForgeError(error) ? error : hookError('kernel', what, error);
    }
  };
}

function warn({ warnings, core }: Run, message: string): void {
  warnings.push(message);
  core.log.warn(message);
}

async function recordEnd(run: Run, { status, error }: Outcome): Promise<void> {
  const now = new Date().toISOString();
  const changes: Partial<Omit<SessionRecord, 'id'>> = {
    status,
    updated_at: now,
    ended_at: status === 'paused' ? null : now,
    progress_percent: status === 'completed' ? 100 : run.progress.percent,
    error: error === null ? null : { code: error.code, message: error.message },
  };
  await run.registry.updateSession(run.sessionId, changes);
}

async function announce(run: Run, { status, error }: Outcome): Promise<void> {
  const { core, sessionId, phases } = run;
  const facts: PipelineFacts = { sessionId, phases, resumed: run.resumed };
  const phase =
    phases.find((name) => run.reports.get(name)?.status === 'paused') ??
    phases.find((name) => run.reports.get(name)?.status === 'pending');
  if (status === 'paused' && phase !== undefined) {
    core.bus.emit({ type: 'lifecycle', event: 'pause', phase, facts: { sessionId }, time: Date.now() });
    const index = phases.indexOf(phase);
    await called(run, () => core.hooks.onPause.promise({ sessionId, phase, index, total: phases.length }));
  }
  const end = { status, error: error === null ? null : { code: error.code, message: error.message } };
  core.bus.emit({
    type: 'lifecycle',
    event: 'session-end',
    phase: null,
    facts: { sessionId, ...end },
    time: Date.now(),
  });
  await called(run, () => core.hooks.onDone.promise(facts, { status }));
}

function resultWarnings(reports: readonly PhaseReport[]): string[] {
  return reports.flatMap(({ name, result }) =>
    (result?.warnings ?? []).map((warning) => `${name}: ${warning}`),
  );
}

function overheadOf({ stopwatch, clock, core }: Run): OverheadReport {
  const totalSeconds = stopwatch.total();
  const phasesSeconds = clock.phasesMs / 1000;
  return {
    hooksSeconds: stopwatch.seconds('hooks'),
    sinksSeconds: stopwatch.seconds('sinks'),
    eventsSeconds: stopwatch.seconds('events'),
    recordsSeconds: stopwatch.seconds('records'),
    totalSeconds,
    phasesSeconds,
    ratio: phasesSeconds > 0 ? totalSeconds / phasesSeconds : null,
    events: core.bus.events,
  };
}

/** The report as it is stored: errors as records, no folder of this machine. */
function portable({ folder: _folder, error, ...rest }: RunReport): object {
  const stored =
    error === null
      ? null
      : { code: error.code, message: error.message, at: error.at, fix: error.fix, problems: error.problems };
  return { ...rest, error: stored };
}
