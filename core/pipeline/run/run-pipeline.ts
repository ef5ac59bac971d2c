import { PHASE, type Handoff, type PipelineFacts } from '../../contracts/index.js';
import { ForgeError, isForgeError, problemsError } from '../../errors/index.js';
import { messageOf } from '../../errors/message-of.js';
import type { RunOptions, RunReport } from '../../kernel/types.js';
import type { PipelineCore } from '../core.js';
import { finishRun, type Outcome } from './finish-run.js';
import { missedGates } from './gates.js';
import { openRun } from './open-run.js';
import type { PauseRequest } from './pause.js';
import { planTarget } from '../plan/plan.js';
import { called, type Run } from './run.js';
import { runPhase } from './run-phase.js';
import { findTarget } from '../plan/target.js';

/**
 * Plan, then run the phases that are left, each given what the one before it gave.
 * @throws ForgeError AF_PLAN_INVALID before anything is touched; failures after that are in the report
 */
export async function runPipeline(
  options: RunOptions,
  core: PipelineCore,
  pause: PauseRequest,
): Promise<RunReport> {
  const target = await findTarget(options, core);
  const plan = await planTarget(target, core);
  if (plan.problems.length > 0) {
    throw problemsError('AF_PLAN_INVALID', 'The run', plan.problems, 'Mend the config; nothing was started.');
  }
  plan.warnings.forEach((warning) => core.log.warn(warning));
  const started = performance.now();
  const run = await openRun(target, options, core, pause);
  run.warnings.push(...plan.warnings);
  const outcome = await runPhases(run).catch((error: unknown) => outcomeOf(run, error));
  return finishRun(run, outcome, () => (performance.now() - started) / 1000);
}

async function runPhases(run: Run): Promise<Outcome> {
  const { core, phases, start } = run;
  reportEarlier(run);
  const facts: PipelineFacts = { sessionId: run.sessionId, phases, resumed: run.resumed };
  await openSinks(run);
  core.bus.emit({
    type: 'lifecycle',
    event: 'session-start',
    phase: null,
    facts: { ...facts, start },
    time: Date.now(),
  });
  if (run.resumed) {
    core.bus.emit({
      type: 'lifecycle',
      event: 'resume',
      phase: phases[start] ?? null,
      facts: { ...facts },
      time: Date.now(),
    });
    await called(run, () => core.hooks.onResume.promise(facts));
  }
  await called(run, () => core.hooks.onBeforePipeline.promise(facts));
  let handoff: Handoff | null = run.input;
  for (let index = start; index < phases.length; index++) {
    core.calls.throwStray();
    if (run.pause.requested) return { status: 'paused', error: null };
    handoff = (await runPhase(run, index, handoff)).handoff;
  }
  core.calls.throwStray();
  return { status: 'completed', error: null };
}

async function openSinks({ core, sinks, stopwatch, ...run }: Run): Promise<void> {
  const context = {
    sessionId: run.sessionId,
    folder: run.session.folder,
    config: core.config as unknown as Readonly<Record<string, unknown>>,
    resumed: run.resumed,
  };
  await stopwatch.measure('sinks', () => sinks.open(core.sinks, core.points, context));
  core.bus.attach(sinks, stopwatch);
}

/** Phases of earlier runs of this session, as skipped, and those to come, as pending. */
function reportEarlier(run: Run): void {
  for (const [index, name] of run.phases.entries()) {
    const { title } = run.core.points.resolve(PHASE, name);
    const result = run.earlier.get(name) ?? null;
    run.reports.set(name, {
      name,
      title,
      status: index < run.start ? 'skipped' : 'pending',
      durationSeconds: null,
      result,
      missedGates: result === null ? [] : missedGates(result.gates),
    });
  }
}

function outcomeOf(run: Run, error: unknown): Outcome {
  if (run.pause.explains(error)) return { status: 'paused', error: null };
  if (isForgeError(error)) return { status: 'failed', error };
  const wrapped = new ForgeError('AF_INTERNAL', `The run failed: ${messageOf(error)}`, {
    at: run.sessionId,
    cause: error,
    fix: 'Please report this with the stack trace (--debug).',
  });
  return { status: 'failed', error: wrapped };
}
