import type { PluginSlot } from '../contracts/index.js';
import { slotOf } from '../contracts/options.js';
import { joinPath, parentPath } from '../validation/path.js';
import { clonePlain, isPlainObject } from '../validation/plain.js';
import { rebasePaths } from './paths.js';
import { branchesOf, memberSchema } from './schema-walk.js';

/** The configuration of one layer, with where it came from. */
export interface LayerContent {
  /** For example `defaults`, `preset quickstart`, `agentforge.config.ts`, `--set`. */
  readonly name: string;
  /** Absolute path of its file, or null. */
  readonly file: string | null;
  /** Folder that relative paths in it start from. */
  readonly folder: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** What a layer says about one member of the config, with the schema that reads it where there is one. */
export interface LayerPart {
  /** Config path of the value: `seed`, or `phases.cognate` and `options.ties` whatever form they were written in. */
  readonly keys: readonly [string] | readonly [string, string];
  readonly value: unknown;
  readonly schema: unknown;
  /** How the layer wrote it, for messages: `pipeline[0] (cognate)`. */
  readonly place: string;
  readonly layer: LayerContent;
}

export interface MergedConfig {
  readonly config: Record<string, unknown>;
  /** Name of the layer that set each value, by config path. */
  readonly provenance: Map<string, string>;
  /** How that layer wrote it, by config path. */
  readonly places: Map<string, string>;
}

/**
 * The merge rule, part over part, lowest first:
 *
 * - records merge key by key, at any depth;
 * - lists and everything else replace what is below; `null` is a value, `undefined` is not;
 * - a record that names a plugin (`{ use, options }`) and names another one than below loses the options that were
 *   meant for that one.
 */
export function mergeParts(parts: readonly LayerPart[], base: string): MergedConfig {
  const merged: MergedConfig = { config: {}, provenance: new Map(), places: new Map() };
  for (const { keys, value, schema, place, layer } of parts) {
    const rebased = rebasePaths(value, schema, layer.folder, base);
    const last = keys.at(-1)!;
    const target = keys.length === 1 ? merged.config : memberOf(merged.config, keys[0], merged, layer);
    const at = keys.length === 1 ? '' : keys[0];
    mergeMember(target, last, rebased, {
      path: joinPath(at, last),
      place,
      schema,
      layer: layer.name,
      merged,
    });
  }
  return merged;
}

interface Step {
  readonly path: string;
  readonly place: string;
  readonly schema: unknown;
  readonly layer: string;
  readonly merged: MergedConfig;
}

/** A record of the config, made when there is none. */
function memberOf(
  config: Record<string, unknown>,
  key: string,
  merged: MergedConfig,
  layer: LayerContent,
): Record<string, unknown> {
  const below = config[key];
  if (isPlainObject(below)) return below;
  const made = {};
  replaced({ path: key, place: key, schema: undefined, layer: layer.name, merged });
  set(config, key, made);
  return made;
}

function mergeMember(target: Record<string, unknown>, key: string, value: unknown, step: Step): void {
  if (value === undefined) return;
  if (!isPlainObject(value)) {
    replaced(step);
    set(target, key, clonePlain(value));
    return;
  }
  const below = Object.hasOwn(target, key) ? target[key] : undefined;
  const record = isPlainObject(below) ? below : {};
  if (record !== below) {
    replaced(step);
    set(target, key, record);
  }
  forgetOtherPlugin(record, value, step);
  for (const [name, member] of Object.entries(value)) {
    const inner = memberSchema(step.schema, name);
    const [path, place] = [joinPath(step.path, name), joinPath(step.place, name)];
    mergeMember(record, name, member, { ...step, path, place, schema: inner });
  }
}

/** Options follow the plugin that is named: where another one is named, those of the first go. */
function forgetOtherPlugin(
  below: Record<string, unknown>,
  value: Readonly<Record<string, unknown>>,
  { path, schema, merged }: Step,
): void {
  for (const branch of branchesOf(schema)) {
    const slot = slotOf(branch);
    if (slot === null || !namesAnother(below, value, slot, branch)) continue;
    for (const key of slot.options) {
      Reflect.deleteProperty(below, key);
      forget(joinPath(path, key), merged);
    }
  }
}

function namesAnother(
  below: Readonly<Record<string, unknown>>,
  value: Readonly<Record<string, unknown>>,
  slot: PluginSlot,
  schema: Readonly<Record<string, unknown>>,
): boolean {
  return slot.names.some((name) => {
    const chosen = value[name];
    if (chosen === undefined) return false;
    const standard = (memberSchema(schema, name) as { default?: unknown } | undefined)?.default;
    return chosen !== (below[name] ?? standard);
  });
}

/** Own property whatever its name. */
function set(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function replaced({ path, place, layer, merged }: Step): void {
  forget(path, merged);
  merged.provenance.set(path, layer);
  merged.places.set(path, place);
}

function forget(path: string, { provenance, places }: MergedConfig): void {
  for (const known of provenance.keys()) {
    if (known !== path && !known.startsWith(`${path}.`) && !known.startsWith(`${path}[`)) continue;
    provenance.delete(known);
    places.delete(known);
  }
}

/** The layer that set a path, or the nearest path above it. */
export function layerOf(path: string, provenance: ReadonlyMap<string, string>): string | undefined {
  return nearestAbove(path, provenance)?.value;
}

/** How a path was written: under its own name, or as an option of an entry of `plugins` or `pipeline`. */
export function placeOf(path: string, places: ReadonlyMap<string, string>): string | undefined {
  const found = nearestAbove(path, places);
  return found === undefined ? undefined : found.value + path.slice(found.path.length);
}

function nearestAbove(
  path: string,
  known: ReadonlyMap<string, string>,
): { readonly path: string; readonly value: string } | undefined {
  for (let current = path; current !== ''; current = parentPath(current)) {
    const value = known.get(current);
    if (value !== undefined) return { path: current, value };
  }
  return undefined;
}
