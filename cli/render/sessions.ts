import type { ModelRef } from '../../core/contracts/model.js';
import type { GateResult } from '../../core/contracts/phase.js';
import type { PhaseRecord, SessionRecord } from '../../core/contracts/registry.js';
import {
  formatCount,
  formatDuration,
  indent,
  narrower,
  printable,
  shortHash,
  type Style,
} from '../../plugins/sinks/console/terminal/index.js';
import { gateCount } from './gates.js';
import { renderPairs, renderTable } from './table.js';

/** A phase's record with the gates it reported; null where its result is not at hand. */
export interface PhaseDetails extends PhaseRecord {
  readonly gates: readonly GateResult[] | null;
}

/** A session with what it did. */
export interface ListedSession {
  readonly session: SessionRecord;
  readonly phases: readonly PhaseRecord[];
}

export interface SessionDetails extends ListedSession {
  readonly phases: readonly PhaseDetails[];
  readonly models: readonly ModelRef[];
}

export function renderSessions(sessions: readonly ListedSession[], style: Style): string {
  if (sessions.length === 0) return 'No sessions yet: agentforge run starts one.\n';
  const rows = sessions.map(({ session, phases }) => [
    printable(session.id),
    paintStatus(session.status, style),
    printable(session.current_phase ?? '-'),
    `${session.progress_percent.toFixed(0)} %`,
    shownTime(session.created_at),
    tookOf(phases),
    [session.pinned ? 'pinned' : '', printable(session.error?.code ?? '')].filter(Boolean).join(' '),
  ]);
  const columns = [
    { title: 'session' },
    { title: 'status' },
    { title: 'phase', fit: 'clip' as const },
    { title: 'progress' },
    { title: 'started (UTC)', worth: 1 },
    { title: 'took', worth: 2 },
    { title: '', fit: 'wrap' as const },
  ];
  return renderTable(columns, rows, style);
}

export function renderSession(details: SessionDetails, style: Style): string {
  const { session } = details;
  const facts: (readonly [string, string])[] = [
    ['status', session.status],
    ['started', session.created_at],
    ['took', tookOf(details.phases)],
    ['seed', String(session.seed)],
    ['config', shortHash(session.config_hash)],
    ['pinned', session.pinned ? 'yes' : 'no'],
  ];
  if (session.error !== null) facts.push(['error', `${session.error.code} ${session.error.message}`]);
  const sections = [
    `${style.bold(printable(session.id))}\n${indent(renderPairs(facts, narrower(style, 2)))}`,
    phaseTable(details, style),
  ];
  if (details.models.length > 0) sections.push(modelTable(details.models, style));
  return `${sections.join('\n\n')}\n`;
}

/** Every phase of the session's pipeline, those not begun yet included. */
function phaseTable({ session, phases }: SessionDetails, style: Style): string {
  const rows = session.pipeline.map((name) => {
    const record = phases.find((phase) => phase.phase === name);
    const seconds = record?.duration_seconds ?? null;
    const started = record === undefined ? '-' : shownTime(record.started_at);
    const took = seconds === null ? '-' : formatDuration(seconds);
    return [printable(name), record?.status ?? 'pending', started, took, gateCount(record?.gates ?? [])];
  });
  return renderTable(
    [
      { title: 'phase', fit: 'clip' },
      { title: 'status' },
      { title: 'started (UTC)', worth: 1 },
      { title: 'took' },
      { title: 'gates met' },
    ],
    rows,
    style,
  );
}

function modelTable(models: readonly ModelRef[], style: Style): string {
  const rows = models.map(({ name, metadata }) => [
    printable(name),
    printable(metadata.phase_name),
    formatCount(metadata.parameters),
    shortHash(metadata.sha256),
  ]);
  const columns = [
    { title: 'model', fit: 'clip' as const },
    { title: 'phase', fit: 'clip' as const },
    { title: 'parameters', align: 'right' as const },
    { title: 'sha256', worth: 1 },
  ];
  return renderTable(columns, rows, style);
}

/** What its phases took: a session may have been paused for a week, and be pinned a year later. */
function tookOf(phases: readonly PhaseRecord[]): string {
  const measured = phases.flatMap(({ duration_seconds: seconds }) => (seconds === null ? [] : [seconds]));
  if (measured.length === 0) return '-';
  return formatDuration(measured.reduce((sum, seconds) => sum + seconds, 0));
}

function shownTime(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

function paintStatus(status: SessionRecord['status'], style: Style): string {
  if (status === 'completed') return style.green(status);
  if (status === 'failed') return style.red(status);
  return status === 'running' || status === 'created' ? style.cyan(status) : style.yellow(status);
}
