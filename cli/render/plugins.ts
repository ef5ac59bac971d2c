import type { PluginListing } from '../../core/kernel/types.js';
import { indent, narrower, printable, wrap, type Style } from '../../plugins/sinks/console/terminal/index.js';
import { optionRows } from './option-rows.js';
import { renderPairs, renderTable } from './table.js';

/** For plugins that provide nothing by name and only listen. */
const HOOKS_ONLY = 'hooks only';

/** Plugins under the extension points they provide. */
export function renderPlugins(plugins: readonly PluginListing[], style: Style): string {
  const points = [...new Set(plugins.flatMap(pointsOf))].sort();
  const sections = points.map((point) => {
    const rows = plugins
      .filter((plugin) => pointsOf(plugin).includes(point))
      .map((plugin) => [
        printable(plugin.name),
        printable(originOf(plugin)),
        printable(plugin.description ?? ''),
      ]);
    const columns = [
      { title: '', fit: 'wrap' as const },
      { title: '', fit: 'clip-middle' as const, paint: style.dim },
      { title: '', fit: 'wrap' as const },
    ];
    const table = renderTable(columns, rows, narrower(style, 2));
    return `${style.bold(point)}\n${indent(table.replace(/^\n/, ''))}`;
  });
  return `${sections.join('\n\n')}\n`;
}

/** One plugin: where it comes from, what it provides, and its options with types and defaults. */
export function renderPlugin(plugin: PluginListing, style: Style): string {
  const facts = [
    ['version', plugin.version ?? '-'],
    ['from', plugin.source],
    ['provides', plugin.implementations.join(', ') || plugin.provides.join(', ') || '-'],
  ] as const;
  const rows = optionRows(plugin.optionsSchema, plugin.options).map((row) =>
    [row.path, row.type, row.value, row.description].map(printable),
  );
  const columns = ['option', 'type', 'value', ''].map((title) => ({ title, fit: 'wrap' as const }));
  const options = rows.length === 0 ? 'It has no options.' : renderTable(columns, rows, style);
  const head = `${style.bold(printable(plugin.name))}  ${printable(plugin.description ?? '')}`.trimEnd();
  return `${wrap(head, style.columns).join('\n')}\n${indent(renderPairs(facts, narrower(style, 2)))}\n\n${options}\n`;
}

function pointsOf(plugin: PluginListing): readonly string[] {
  return plugin.provides.length === 0 ? [HOOKS_ONLY] : plugin.provides;
}

function originOf(plugin: PluginListing): string {
  return plugin.origin === 'builtin' ? 'built-in' : plugin.source;
}
