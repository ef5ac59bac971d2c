import type { CleanupItem, CleanupPlan, CleanupResult } from '../../contracts/storage.js';
import { formatBytes, plural, printable, type Style } from '../../terminal/index.js';
import { renderTable } from './table.js';

const KINDS = ['session', 'artifact', 'leftover'] as const;

/** A cleanup plan, or what became of it. Sessions are listed one by one, files by number and size. */
export function renderCleanup(plan: CleanupPlan, result: CleanupResult | null, style: Style): string {
  const kept = plan.keep.map(({ id, reason }) => `keep    ${printable(id)}  ${style.dim(printable(reason))}`);
  if (plan.remove.length === 0) return `${[...kept, 'Nothing to remove.'].join('\n')}\n`;
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
  return `${[...kept, ...table, ...done].join('\n')}\n`;
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

function countsOf(items: readonly CleanupItem[]): string {
  const counts = KINDS.map((kind) => [kind, items.filter((item) => item.kind === kind).length] as const);
  const named = counts.filter(([, count]) => count > 0).map(([kind, count]) => plural(count, kind));
  return named.length === 0 ? 'nothing' : named.join(', ');
}
