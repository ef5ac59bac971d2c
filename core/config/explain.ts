import type { ResolvedConfig } from '../contracts/index.js';
import { nearest } from '../errors/index.js';
import { joinPath, parentPath } from '../validation/path.js';
import { isPlainObject } from '../validation/plain.js';
import { layerOf } from './merge.js';

/** A value that is in effect, and who set it. */
export interface ExplainedValue {
  /** Config path as one would set it: `seed`, `phases.cognate.maxSteps`, `options.ties.density`. */
  readonly path: string;
  readonly value: unknown;
  /** Name of the layer; `defaults`, or `defaults of <plugin>` when nobody set it. */
  readonly layer: string;
}

/** What {@link explainConfig} reads of a kernel. */
export interface ExplainableKernel {
  readonly config: ResolvedConfig;
  readonly plugins: readonly {
    readonly name: string;
    readonly provides: readonly string[];
    readonly options: Readonly<Record<string, unknown>>;
  }[];
  readonly provenance: Readonly<Record<string, string>>;
}

/** Every value in effect with the layer that set it, options of all plugins included, in the order of the config. */
export function explainConfig({ config, plugins, provenance }: ExplainableKernel): ExplainedValue[] {
  const { plugins: listed, pipeline, ...settings } = config;
  const known = new Map(Object.entries(provenance));
  const names = { plugins: listed.map(({ name }) => name), pipeline: pipeline.map(({ name }) => name) };
  const own = leavesOf({ ...settings, ...names }, '').map(({ path, value }) => ({
    path,
    value,
    layer: layerOf(path, known) ?? 'defaults',
  }));
  const options = plugins.flatMap(({ name, provides, options }) => {
    const base = joinPath(provides.includes('phase') ? 'phases' : 'options', name);
    return leavesOf(options, base).map(({ path, value }) => ({
      path,
      value,
      layer: optionLayer(path, known) ?? `defaults of ${name}`,
    }));
  });
  return [...own, ...options];
}

/** Values at a path and below it. */
export function valuesAt(values: readonly ExplainedValue[], path: string): ExplainedValue[] {
  return values.filter((each) => each.path === path || isBelow(each.path, path));
}

/** The path there is that somebody most likely meant by one there is not. */
export function nearestPath(path: string, values: readonly ExplainedValue[]): string | undefined {
  const known = new Set(values.flatMap((value) => [value.path, ...pathsAbove(value.path)]));
  return nearest(path, known);
}

/** Leaves of a document with their paths; an empty list or record counts as one. */
function leavesOf(value: unknown, path: string): { readonly path: string; readonly value: unknown }[] {
  const entries = isPlainObject(value)
    ? Object.entries(value)
    : Array.isArray(value)
      ? [...value.entries()]
      : [];
  if (entries.length === 0) return path === '' ? [] : [{ path, value }];
  return entries.flatMap(([key, member]) => leavesOf(member, joinPath(path, key)));
}

/**
 * The layer that set an option: that of the value itself, or of the list it is in. A record that a layer set says
 * nothing about the members that the plugin's schema filled in.
 */
function optionLayer(path: string, known: ReadonlyMap<string, string>): string | undefined {
  const exact = known.get(path);
  if (exact !== undefined) return exact;
  const above = pathsAbove(path).find((each) => known.has(each));
  const inList = above !== undefined && /^\[\d+\]/.test(path.slice(above.length));
  return inList ? known.get(above) : undefined;
}

/** `a.b[0]` -> `a.b`, `a`. */
function pathsAbove(path: string): string[] {
  const above = parentPath(path);
  return above === '' ? [] : [above, ...pathsAbove(above)];
}

function isBelow(path: string, above: string): boolean {
  return path.startsWith(`${above}.`) || path.startsWith(`${above}[`);
}
