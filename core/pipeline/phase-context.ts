import type { LifecycleEvent, ModelRef, PhaseContext, PhaseFacts } from '../../contracts/index.js';
import { messageOf } from '../kernel/errors.js';
import { validated } from '../validation/validated.js';
import { watchedArea } from './checkpoints.js';
import { intervene } from './intervene.js';
import { registerModel } from './models.js';
import { called, recorded, type Run } from './run.js';

/** What a running phase may touch; its events carry the phase's name and the time. */
export function phaseContext(run: Run, facts: PhaseFacts): PhaseContext {
  const { core } = run;
  const { phase } = facts;
  const event = (name: LifecycleEvent['event'], more: Readonly<Record<string, unknown>>): void =>
    core.bus.emit({ type: 'lifecycle', event: name, phase, facts: more, time: Date.now() });
  return Object.freeze<PhaseContext>({
    sessionId: run.sessionId,
    seed: core.config.seed,
    log: core.bus.logger(phase),
    store: run.storage.artifacts,
    checkpoints: checkpointsOf(run, facts),
    engine: () => run.engine.open(),
    resolve: (token, name, overrides) => core.points.resolve(token, name, overrides),
    names: (token) => core.points.names(token),
    validate: (schema, value, at) => validated(core.validator, schema, value, at),
    data: { root: core.paths.data, cache: core.paths.cache },
    configHash: core.configHash,
    metric: (name, value, { step, unit, reason, labels }) =>
      core.bus.emit({ type: 'metric', name, value, step, phase, unit, reason, labels, time: Date.now() }),
    progress: (report) => {
      noteProgress(run, facts, report.phaseFraction);
      core.bus.emit({ ...report, type: 'progress', phase, time: Date.now() });
    },
    event,
    intervene: (trouble, actions, fallback) =>
      called(run, () => intervene(core, { phase, trouble, actions, fallback })),
    registerModel: async (model: ModelRef) => {
      if (await recorded(run, () => registerModel(run, model))) event('model', modelFacts(model));
    },
    pausePoint: (save) => run.pause.point(save),
  });
}

function noteProgress({ progress }: Run, { index, total }: PhaseFacts, fraction: number | undefined): void {
  if (fraction === undefined || !Number.isFinite(fraction)) return;
  progress.percent = Math.max(progress.percent, (100 * (index + Math.min(1, fraction))) / total);
}

function checkpointsOf(run: Run, facts: PhaseFacts): PhaseContext['checkpoints'] {
  const { core, sinks, session } = run;
  return watchedArea(session.checkpoints(facts.phase), {
    keep: core.config.storage.keepCheckpoints,
    before: () => run.stopwatch.measure('sinks', () => sinks.flush()),
    after: async (step, area) => {
      core.bus.emit({
        type: 'lifecycle',
        event: 'checkpoint',
        phase: facts.phase,
        facts: { step, area },
        time: Date.now(),
      });
      await recorded(run, () => recordProgress(run));
      await called(run, () => core.hooks.onCheckpoint.promise(facts, { step }));
    },
  });
}

/** For whoever watches the session; a registry that is busy must not cost the run. */
async function recordProgress({ registry, sessionId, progress, core }: Run): Promise<void> {
  try {
    await registry.updateSession(sessionId, {
      progress_percent: progress.percent,
      updated_at: new Date().toISOString(),
    });
  } catch (error) {
    core.log.warn(`The progress could not be recorded: ${messageOf(error)}`);
  }
}

function modelFacts(model: ModelRef): Readonly<Record<string, unknown>> {
  const { parameters, size_mb, sha256, format, specialization } = model.metadata;
  return { id: model.id, name: model.name, parameters, size_mb, sha256, format, specialization };
}
