import type { OverheadReport, TapTiming } from '../../core/kernel/types.js';
import {
  formatDuration,
  formatNumber,
  wrap,
  type Style,
} from '../../plugins/sinks/console/terminal/index.js';
import { renderTable } from './table.js';

/** For `--debug`: where the kernel's own time went, by hook and plugin. */
export function renderTimings(timings: readonly TapTiming[], overhead: OverheadReport, style: Style): string {
  const rows = [...timings]
    .sort((a, b) => b.totalMs - a.totalMs)
    .map(({ hook, plugin, calls, totalMs, maxMs }) => [
      hook,
      plugin,
      String(calls),
      formatNumber(totalMs),
      formatNumber(maxMs),
    ]);
  const right = { align: 'right' as const };
  const columns = [
    { title: 'hook', fit: 'clip' as const },
    { title: 'plugin', fit: 'clip' as const },
    { title: 'calls', ...right },
    { title: 'total ms', ...right },
    { title: 'max ms', ...right },
  ];
  const share = overhead.ratio === null ? '' : ` (${(overhead.ratio * 100).toFixed(3)} % of the phases)`;
  const total = `kernel ${formatDuration(overhead.totalSeconds)}${share}: hooks ${formatDuration(overhead.hooksSeconds)}, sinks ${formatDuration(overhead.sinksSeconds)}, events ${formatDuration(overhead.eventsSeconds)}, records ${formatDuration(overhead.recordsSeconds)}`;
  const head = wrap(total, style.columns).join('\n');
  return rows.length === 0 ? `${head}\n` : `${head}\n${renderTable(columns, rows, style)}\n`;
}
