import { PHASE, type PhaseRecord, type SessionRecord } from '../../contracts/index.js';
import { ForgeError, nearest } from '../../errors/index.js';
import type { PhaseSelection } from '../../kernel/types.js';
import type { PipelineCore } from '../core.js';
import { findInput, type PhaseInput } from './input.js';
import { findSession } from '../session/sessions.js';

/** What a run or plan is about, found out by reading only. */
export interface Target {
  /** The session resumed; null for a new one. */
  readonly session: SessionRecord | null;
  /** All phases of the session. */
  readonly phases: readonly string[];
  /** Records of the phases so far, by name; of a new session none. */
  readonly records: ReadonlyMap<string, PhaseRecord>;
  /** Index of the first phase to run; `phases.length` when all is done. */
  readonly start: number;
  /** With `resume` and `from`: completed phases from here on are rolled back first. */
  readonly rollback: boolean;
  /** What the first phase of a new session takes from an earlier one. */
  readonly input: PhaseInput | null;
}

/**
 * @throws ForgeError AF_USAGE, AF_PLUGIN_UNKNOWN, AF_SESSION_NOT_FOUND, AF_SESSION_NOT_RESUMABLE, AF_HANDOFF_MISSING
 */
export async function findTarget(selection: PhaseSelection, core: PipelineCore): Promise<Target> {
  if (selection.phase !== undefined && (selection.from ?? selection.resume) !== undefined) {
    throw new ForgeError('AF_USAGE', 'A single phase cannot be combined with `from` or `resume`.', {
      at: '--phase',
      fix: 'Leave out --phase, or the other flag.',
    });
  }
  return selection.resume === undefined
    ? newTarget(selection, core)
    : resumedTarget(selection.resume, selection.from, core);
}

async function newTarget({ phase, from }: PhaseSelection, core: PipelineCore): Promise<Target> {
  const pipeline = core.config.pipeline.map(({ name }) => name);
  const phases =
    phase !== undefined
      ? [phase]
      : from !== undefined
        ? pipeline.slice(indexOf(from, pipeline, '--from'))
        : pipeline;
  if (phases.length === 0) throw emptyPipeline();
  const first = core.points.resolve(PHASE, phases[0]!);
  const alone = phase !== undefined || from !== undefined;
  const input = alone && first.input !== null ? await findInput(phases[0]!, first.input, core) : null;
  return { session: null, phases, records: new Map(), start: 0, rollback: false, input };
}

async function resumedTarget(wanted: string, from: string | undefined, core: PipelineCore): Promise<Target> {
  const registry = await core.registry();
  const session = await findSession(wanted, registry, await core.storage());
  const phases = session.pipeline;
  phases.forEach((name) => core.points.resolve(PHASE, name));
  const records = new Map((await registry.phases(session.id)).map((record) => [record.phase, record]));
  const open = phases.findIndex((name) => records.get(name)?.status !== 'completed');
  const start = open < 0 ? phases.length : open;
  if (from === undefined) return { session, phases, records, start, rollback: false, input: null };
  const index = indexOf(from, phases, '--from');
  if (index > start) throw notYet(session.id, from, phases[start]!);
  if (index === 0) throw fromTheStart(session.id, from);
  return { session, phases, records, start: index, rollback: true, input: null };
}

function indexOf(phase: string, phases: readonly string[], at: string): number {
  const index = phases.indexOf(phase);
  if (index >= 0) return index;
  const suggestion = nearest(phase, phases);
  const list = phases.length === 0 ? 'It has no phases.' : `It has ${phases.join(', ')}.`;
  throw new ForgeError('AF_PLUGIN_UNKNOWN', `The pipeline has no phase "${phase}".`, {
    at,
    fix: suggestion === undefined ? list : `Did you mean "${suggestion}"? ${list}`,
    facts: { suggestion: suggestion ?? null },
  });
}

function notYet(session: string, from: string, next: string): ForgeError {
  return new ForgeError('AF_SESSION_NOT_RESUMABLE', `Session ${session} has not come to "${from}" yet.`, {
    at: session,
    fix: `Leave --from out, or name "${next}" or an earlier phase.`,
  });
}

function fromTheStart(session: string, phase: string): ForgeError {
  return new ForgeError(
    'AF_SESSION_NOT_RESUMABLE',
    `"${phase}" is the first phase of session ${session}: nothing would be left of it.`,
    { at: session, fix: 'Start a new session: leave --resume out.' },
  );
}

function emptyPipeline(): ForgeError {
  return new ForgeError('AF_PLAN_INVALID', 'The pipeline is empty: there is nothing to run.', {
    at: 'pipeline',
    fix: 'List phases under `pipeline`, or name one with --phase. `agentforge phases` shows what there is.',
  });
}
