import type { CleanupItem, CleanupPlan, CleanupResult } from '../../contracts/storage.js';
import { formatBytes, plural, printable, type Style } from '../../terminal/index.js';
import { renderTable } from './table.js';

const KINDS = ['session', 'artifact', 'leftover'] as const;

/** A cleanup plan, or what became of it. Sessions are listed one by one, files by number and size. */
export function renderCleanup(plan: CleanupPlan, result: CleanupResult | null, style: Style): string {
  const kept = plan.keep.map(({ id, reason }) => `keep    ${printable(id)}  ${style.dim(printable(reason))}`);
  if (plan.remove.length === 0) return `${[...kept, 'Nothing to remove.', ...waiting(plan)].join('\n')}\n`;
  const sessions = plan.remove.filter((item) => item.kind === 'session');
  const rows = sessions.map(({ id, bytes, reason }) => [
    printable(id),
    formatBytes(bytes),
    printable(reason),
  ]);
  const table =
    rows.length === 0
      ? []
      : [
          renderTable(
            ['session', 'size', 'why'].map((title) => ({ title })),
            rows,
            style,
          ),
        ];
  const done = result === null ? planned(plan) : removed(result);
  return `${[...kept, ...table, ...done, ...waiting(plan)].join('\n')}\n`;
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
  const what = `${plural(left.artifacts, 'more artifact')} (${formatBytes(left.bytes)})`;
  if (left.until === null) {
    const [first = '', ...others] = left.sessions.map(printable);
    const whose =
      others.length === 0 ? `session ${first}` : `${first} and ${plural(others.length, 'other session')}`;
    return [`${what} may belong to ${whose}, not completed yet: they stay until then.`];
  }
  return [
    `${what} stay until ${left.until.slice(0, 16).replace('T', ' ')} UTC: nothing refers to them, but something that runs now may be about to.`,
    'agentforge clean --yes --grace 0 (with the same flags) removes them now, when nothing else uses this storage.',
  ];
}

function countsOf(items: readonly CleanupItem[]): string {
  const counts = KINDS.map((kind) => [kind, items.filter((item) => item.kind === kind).length] as const);
  const named = counts.filter(([, count]) => count > 0).map(([kind, count]) => plural(count, kind));
  return named.length === 0 ? 'nothing' : named.join(', ');
}
