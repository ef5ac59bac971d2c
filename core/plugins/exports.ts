import type { Plugin, PluginFactory } from '../contracts/index.js';
import { isThenable } from '../kernel/plugin-calls.js';
import { describeValue } from '../validation/describe.js';
import { isPlainObject } from '../validation/plain.js';
import { isPlugin } from './entries.js';

/** What a module gives: plugins, or what stands where they should, and how to mend it. */
export type ModuleExports =
  | { readonly plugins: readonly Plugin[] }
  | { readonly message: string; readonly found: string; readonly fix: string };

/**
 * The plugins of a module: its default export, which is a plugin, a factory, or a list of them (nested lists are
 * flattened, false, null and undefined skipped, as in a config); without a default export its only named one.
 */
export function exportedPlugins(module: unknown): ModuleExports {
  const exported = defaultOf(module);
  if (exported !== undefined) return fromDefault(exported);
  const named = isPlainObject(module) ? Object.entries(module) : [];
  const plugins = named.flatMap(([, value]) => pluginOf(value) ?? []);
  const names = [...new Set(plugins.map(({ name }) => name))];
  if (names.length === 1) return { plugins: plugins.slice(0, 1) };
  if (names.length === 0) return noPlugin(named.length === 0 ? 'nothing' : describeExports(named), undefined);
  return {
    message: `exports several plugins by name (${names.join(', ')}) and none by default`,
    found: describeExports(named),
    fix: 'Say which are meant: `export default [...]` with the plugins or their factories.',
  };
}

/** The default export. CommonJS loaded as an ES module may have its own one level down, or be the module itself. */
function defaultOf(module: unknown): unknown {
  if (Array.isArray(module) || pluginOf(module) !== null) return module;
  if (!isRecord(module) || !('default' in module)) return undefined;
  const value = module['default'];
  return isPlainObject(value) && !isPlugin(value) && 'default' in value ? value['default'] : value;
}

function fromDefault(exported: unknown): ModuleExports {
  const plugins: Plugin[] = [];
  for (const [at, value] of flattened(exported, 'default')) {
    const plugin = pluginOf(value);
    if (plugin === null) return noPlugin(`${at}: ${describe(value)}`, value);
    plugins.push(plugin);
  }
  return plugins.length > 0 ? { plugins } : noPlugin(`default: ${describeValue(exported)}`, exported);
}

function flattened(value: unknown, at: string): (readonly [at: string, value: unknown])[] {
  if (!Array.isArray(value)) return [[at, value]];
  return value.flatMap((item: unknown, i) =>
    item === false || item === null || item === undefined ? [] : flattened(item, `${at}[${i}]`),
  );
}

function pluginOf(value: unknown): Plugin | null {
  if (isFactory(value)) return value();
  return isPlugin(value) ? value : null;
}

function isFactory(value: unknown): value is PluginFactory {
  return typeof value === 'function' && typeof (value as Partial<PluginFactory>).pluginName === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function noPlugin(found: string, value: unknown): ModuleExports {
  return { message: 'exports no plugin', found, fix: hint(value) };
}

function hint(value: unknown): string {
  if (typeof value === 'function')
    return 'Export what definePlugin or one of its kin returns, not a function of your own around it.';
  if (isPlainObject(value) && typeof value['apply'] === 'function')
    return 'Make it with definePlugin or one of its kin: they add the checks of its options.';
  if (isThenable(value)) return 'Await it: `export default await ...`.';
  return 'Write `export default defineMerge({ ... })` (or its kin), or `export default [...]` with several.';
}

function describeExports(named: readonly (readonly [string, unknown])[]): string {
  return named.map(([name, value]) => `${name}: ${describe(value)}`).join(', ');
}

function describe(value: unknown): string {
  const plugin = pluginOf(value);
  if (plugin !== null) return `plugin ${plugin.name}`;
  return isThenable(value) ? 'a promise' : describeValue(value);
}
