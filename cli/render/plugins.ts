import type { PluginListing } from '../../core/kernel/types.js';
import { indent, printable, type Style } from '../../terminal/index.js';
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
        style.dim(originOf(plugin)),
        printable(plugin.description ?? ''),
      ]);
    return `${style.bold(point)}\n${indent(renderTable([{ title: '' }, { title: '' }, { title: '' }], rows, style).trimStart())}`;
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
  const columns = ['option', 'type', 'value', ''].map((title) => ({ title }));
  const options = rows.length === 0 ? 'It has no options.' : renderTable(columns, rows, style);
  const head = `${style.bold(printable(plugin.name))}  ${printable(plugin.description ?? '')}`.trimEnd();
  return `${head}\n${indent(renderPairs(facts, style))}\n\n${options}\n`;
}

function pointsOf(plugin: PluginListing): readonly string[] {
  return plugin.provides.length === 0 ? [HOOKS_ONLY] : plugin.provides;
}

function originOf(plugin: PluginListing): string {
  return plugin.origin === 'builtin' ? 'built-in' : plugin.source;
}
