import type {
  LifecycleEvent,
  MetricValue,
  PhaseContext,
  PhaseFacts,
  RunEvent,
} from '../../contracts/index.js';
import { metricDescriber } from '../../contracts/metric-catalogue.js';
import { PHASE } from '../../contracts/phase.js';
import { ForgeError } from '../../errors/index.js';
import { messageOf } from '../../errors/message-of.js';
import { describeValue } from '../../validation/describe.js';
import { validated } from '../../validation/validated.js';
import { watchedArea } from './checkpoints.js';
import { intervene } from './intervene.js';
import type { PhaseClock } from './phase-clock.js';
import { called, recorded, type Run } from './run.js';

/** The context of a phase as long as the phase is under way. */
export interface PhaseLease {
  readonly context: PhaseContext;
  /** From now on events of the phase are dropped, and what would change the session is refused. */
  end(): void;
}

/**
 * What a running phase may touch; its events carry the phase's name and the time. A phase that was ended by an error
 * in work it left behind may go on for a while: it leaves at its next pause point or checkpoint.
 */
export function phaseContext(run: Run, facts: PhaseFacts, clock: PhaseClock): PhaseLease {
  const state = { over: false };
  const requireOpen = (): void => {
    if (state.over) throw afterTheEnd(facts.phase);
  };
  const emit = (event: RunEvent): void => {
    if (!state.over) run.core.bus.emit(event);
  };
  const checkpoints = checkpointsOf(run, facts, clock, requireOpen);
  const context = contextOf(run, facts, { checkpoints, emit, requireOpen });
  return { context, end: () => void (state.over = true) };
}

interface Parts {
  readonly checkpoints: PhaseContext['checkpoints'];
  readonly emit: (event: RunEvent) => void;
  readonly requireOpen: () => void;
}

function contextOf(run: Run, facts: PhaseFacts, { checkpoints, emit, requireOpen }: Parts): PhaseContext {
  const { core } = run;
  const { phase } = facts;
  const describe = metricDescriber(phase, core.points.resolve(PHASE, phase).metrics);
  const event = (name: LifecycleEvent['event'], more: object): void =>
    emit({ type: 'lifecycle', event: name, phase, facts: more as LifecycleEvent['facts'], time: Date.now() });
  return Object.freeze<PhaseContext>({
    phase,
    sessionId: run.sessionId,
    seed: core.config.seed,
    log: core.bus.logger(phase),
    store: run.storage.artifacts,
    checkpoints,
    engine: () => run.engine.open(),
    resolve: (token, name, overrides) => core.points.resolve(token, name, overrides),
    names: (token) => core.points.names(token),
    validate: (schema, value, at) => validated(core.validator, schema, value, at),
    data: { root: core.paths.data, cache: core.paths.cache },
    configHash: core.configHash,
    metric: (name, value, { step, unit, reason, labels }) =>
      emit({
        type: 'metric',
        name,
        value: measured(name, value),
        step,
        phase,
        unit: unit ?? describe(name)?.unit,
        reason,
        labels: labels === undefined ? undefined : { ...labels },
        time: Date.now(),
      }),
    progress: (report) => {
      noteProgress(run, facts, report.phaseFraction);
      emit({ ...report, values: { ...report.values }, type: 'progress', phase, time: Date.now() });
    },
    event,
    intervene: (trouble, actions, fallback) =>
      called(run, () => intervene(core, { phase, trouble, actions, fallback })),
    pausePoint: async (save) => {
      requireOpen();
      await keepProgress(run);
      await run.pause.point(save);
    },
  });
}

/** @throws TypeError, at the phase that gives it instead of at a sink, for what no sink could write */
function measured(name: string, value: MetricValue): MetricValue {
  if (value === null || ['number', 'string', 'boolean'].includes(typeof value)) return value;
  throw new TypeError(`the metric "${name}" was given ${describeValue(value)}`);
}

function afterTheEnd(phase: string): ForgeError {
  return new ForgeError('AF_PLUGIN_LATE', `Phase "${phase}" goes on although it has ended.`, {
    at: `phase ${phase}`,
    fix: 'Something in it is not awaited: a phase must be done with everything when its promise settles.',
    facts: { phase },
  });
}

function noteProgress({ progress }: Run, { index, total }: PhaseFacts, fraction: number | undefined): void {
  if (fraction === undefined || !Number.isFinite(fraction)) return;
  progress.percent = Math.max(progress.percent, (100 * (index + Math.min(1, fraction))) / total);
}

function checkpointsOf(
  run: Run,
  facts: PhaseFacts,
  clock: PhaseClock,
  requireOpen: () => void,
): PhaseContext['checkpoints'] {
  const { core, sinks, session } = run;
  return watchedArea(session.checkpoints(facts.phase), {
    keep: core.config.storage.keepCheckpoints,
    before: async () => {
      requireOpen();
      await run.stopwatch.measure('sinks', () => sinks.flush(true));
    },
    after: async (step, area) => {
      core.bus.emit({
        type: 'lifecycle',
        event: 'checkpoint',
        phase: facts.phase,
        facts: { step, area },
        time: Date.now(),
      });
      await recorded(run, async () => {
        await recordProgress(run);
        await recordSeconds(run, clock);
      });
      await called(run, () => core.hooks.onCheckpoint.promise(facts, { step }));
    },
  });
}

/** Long work without a checkpoint is seen as well: whenever one more percent is done, so a hundred times at most. */
async function keepProgress(run: Run): Promise<void> {
  const { percent, recorded: before } = run.progress;
  if (Math.floor(percent) > Math.floor(before)) await recorded(run, () => recordProgress(run));
}

/** A run that is killed later took at least this long: what comes after the checkpoint is done again. */
async function recordSeconds({ registry, core }: Run, clock: PhaseClock): Promise<void> {
  try {
    await registry.savePhase(clock.record());
  } catch (error) {
    core.log.warn(`The time of the phase could not be recorded: ${messageOf(error)}`);
  }
}

/** For whoever watches the session; a registry that is busy must not cost the run. */
async function recordProgress({ registry, sessionId, progress, core }: Run): Promise<void> {
  progress.recorded = progress.percent;
  try {
    await registry.updateSession(sessionId, {
      progress_percent: progress.percent,
      updated_at: new Date().toISOString(),
    });
  } catch (error) {
    core.log.warn(`The progress could not be recorded: ${messageOf(error)}`);
  }
}
