import type { CleanupItem, CleanupPlan, CleanupResult } from '../../core/contracts/storage.js';
import {
  formatBytes,
  plural,
  printable,
  wrap,
  type Style,
} from '../../plugins/sinks/console/terminal/index.js';
import { renderTable } from './table.js';

const KINDS = ['session', 'artifact', 'leftover'] as const;

/** A cleanup plan, or what became of it. Sessions are listed one by one, files by number and size. */
export function renderCleanup(plan: CleanupPlan, result: CleanupResult | null, style: Style): string {
  const left = waiting(plan).flatMap((text) => wrap(text, style.columns));
  const kept = plan.keep.length === 0 ? [] : [keptTable(plan, style)];
  if (plan.remove.length === 0) return `${[...kept, 'Nothing to remove.', ...left].join('\n')}\n`;
  const sessions = plan.remove.filter((item) => item.kind === 'session');
  const rows = sessions.map(({ id, bytes, reason }) => [
    printable(id),
    formatBytes(bytes),
    printable(reason),
  ]);
  const table =
    rows.length === 0
      ? []
      : [renderTable([{ title: 'session' }, { title: 'size' }, { title: 'why', fit: 'wrap' }], rows, style)];
  const said = result === null ? planned(plan) : removed(result);
  const done = said.flatMap((text) => wrap(text, style.columns));
  return `${[...kept, ...table, ...done, ...left].join('\n')}\n`;
}

function keptTable({ keep }: CleanupPlan, style: Style): string {
  const columns = [{ title: '' }, { title: '' }, { title: '', fit: 'wrap' as const, paint: style.dim }];
  const rows = keep.map(({ id, reason }) => ['keep', printable(id), printable(reason)]);
  return renderTable(columns, rows, style).replace(/^\n/, '');
}

function planned(plan: CleanupPlan): readonly string[] {
  return [
    `Would remove ${countsOf(plan.remove)}: ${formatBytes(plan.bytes)}.`,
    'agentforge clean --yes (with the same flags) removes them.',
  ];
}

function removed(result: CleanupResult): readonly string[] {
  const skipped = result.skipped.map(
    ({ item, reason }) => `skipped ${item.kind} ${printable(item.id)}: ${printable(reason)}`,
  );
  return [...skipped, `Removed ${countsOf(result.removed)}: ${formatBytes(result.bytes)}.`];
}

/** What stays although nothing refers to it: how much, until when, and how to be rid of it sooner. */
function waiting({ waiting: left }: CleanupPlan): readonly string[] {
  if (left === undefined || left === null) return [];
  const one = left.artifacts === 1;
  const what = `${plural(left.artifacts, 'more artifact')} (${formatBytes(left.bytes)})`;
  if (left.until === null) {
    const [first = '', ...others] = left.sessions.map(printable);
    const whose =
      others.length === 0 ? `session ${first}` : `${first} and ${plural(others.length, 'other session')}`;
    return [
      `${what} may belong to ${whose}, not completed yet: ${one ? 'it stays' : 'they stay'} until then.`,
    ];
  }
  return [
    `${what} ${one ? 'stays' : 'stay'} until ${left.until.slice(0, 16).replace('T', ' ')} UTC: nothing refers to ${one ? 'it' : 'them'}, but something that runs now may be about to.`,
    `agentforge clean --yes --grace 0 (with the same flags) removes ${one ? 'it' : 'them'} now, when nothing else uses this storage.`,
  ];
}

function countsOf(items: readonly CleanupItem[]): string {
  const counts = KINDS.map((kind) => [kind, items.filter((item) => item.kind === kind).length] as const);
  const named = counts.filter(([, count]) => count > 0).map(([kind, count]) => plural(count, kind));
  return named.length === 0 ? 'nothing' : named.join(', ');
}
