import { PHASE } from '../contracts/phase.js';
import { nearest, type Problem } from '../errors/index.js';
import type { PipelineEntry } from './collect.js';
import { layerOf } from '../config/merge.js';
import { describeValue } from '../validation/describe.js';
import { joinPath } from '../validation/path.js';
import { isPlainObject } from '../validation/plain.js';
import type { BuiltinCatalogue } from '../kernel/types.js';
import type { Report } from '../validation/report.js';
import type { LoadedPlugin } from './load.js';
import { isPhasePlugin } from './options.js';

export interface NamesWorld {
  readonly config: Readonly<Record<string, unknown>>;
  readonly provenance: ReadonlyMap<string, string>;
  readonly report: Report;
}

/** Keys of `options` must be plugins and keys of `phases` phases: a mistyped one would silently do nothing. */
export function checkKeys(
  key: 'options' | 'phases',
  plugins: readonly LoadedPlugin[],
  world: NamesWorld,
): void {
  const { config, provenance, report } = world;
  const given = config[key];
  const known = (key === 'phases' ? plugins.filter(isPhasePlugin) : plugins).map(({ plugin }) => plugin.name);
  for (const name of isPlainObject(given) ? Object.keys(given) : []) {
    if (known.includes(name)) continue;
    const at = joinPath(key, name);
    report(unknownName(key === 'phases' ? 'phase' : 'plugin', name, known, at, layerOf(at, provenance)));
  }
}

/** Entries of the pipeline that no plugin stands for and that no plugin may still provide when it is applied. */
export function checkPipelineNames(
  pipeline: readonly PipelineEntry[],
  plugins: readonly LoadedPlugin[],
  report: Report,
): void {
  if (plugins.some(({ plugin, origin }) => origin === 'config' && mayProvideMore(plugin.provides))) return;
  const known = plugins.filter(isPhasePlugin).map(({ plugin }) => plugin.name);
  for (const { name, at, layer } of pipeline) {
    if (!known.includes(name)) report(unknownName('phase', name, known, at, layer));
  }
}

/**
 * Names under an extension point as far as they can be told before plugins are applied: a plugin of one point provides
 * its own name. Null when a plugin of the config may provide more.
 */
export function foreseeableNames(
  point: string,
  plugins: readonly LoadedPlugin[],
  builtins: BuiltinCatalogue,
): readonly string[] | null {
  const open = plugins.some(
    ({ plugin: { provides }, origin }) =>
      origin === 'config' && (provides === undefined || (provides.length > 1 && provides.includes(point))),
  );
  if (open) return null;
  const loaded = plugins
    .filter(({ plugin }) => plugin.provides?.includes(point))
    .map(({ plugin }) => plugin.name);
  const known = builtins.filter((builtin) => builtin.point === point).map(({ name }) => name);
  return [...new Set([...known, ...loaded])];
}

function mayProvideMore(provides: readonly string[] | undefined): boolean {
  return provides === undefined || (provides.length > 1 && provides.includes(PHASE.id));
}

/** A name that means nothing, with the nearest that does. */
export function unknownName(
  kind: string,
  name: string,
  known: readonly string[],
  at: string,
  source: string | undefined,
): Problem {
  const suggestion = nearest(name, known);
  return {
    at,
    source,
    message: `unknown ${kind} "${name}"`,
    expected: known.length === 0 ? `nothing: no plugin provides this` : `one of ${known.join(', ')}`,
    found: describeValue(name),
    suggestion,
    fix:
      suggestion === undefined
        ? `List the plugin that provides it under \`plugins\`.`
        : `Write "${suggestion}".`,
  };
}
