import { isPlainObject } from '../validation/plain.js';
import { joinPath } from '../validation/path.js';

/** The configuration of one layer, with where it came from. */
export interface LayerContent {
  /** For example `defaults`, `preset quickstart`, `agentforge.config.ts`, `--set`. */
  readonly name: string;
  /** Absolute path of its file, or null. */
  readonly file: string | null;
  /** Folder that relative plugin paths in it start from. */
  readonly folder: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface MergedLayers {
  readonly config: Record<string, unknown>;
  /** Name of the layer that set each value, by config path. */
  readonly provenance: Map<string, string>;
  /** `plugins` of every layer, lowest first. */
  readonly plugins: readonly { readonly entries: unknown; readonly layer: LayerContent }[];
  /** `pipeline` of the highest layer that has one. */
  readonly pipeline: { readonly entries: unknown; readonly layer: LayerContent } | null;
}

/** Keys that are gone once layers are merged. */
const CONSUMED = new Set(['extends', '$schema', 'plugins', 'pipeline']);

/**
 * The merge rule, for every layer over those below it:
 *
 * - records merge key by key, at any depth;
 * - lists and everything else replace what is below; `null` is a value, `undefined` is not;
 * - `plugins` is the exception: the lists are joined, lowest layer first, and a plugin replaces an earlier one of
 *   the same name, in its place (options are not merged: `options.<name>` is for that).
 */
export function mergeLayers(layers: readonly LayerContent[]): MergedLayers {
  const config: Record<string, unknown> = {};
  const provenance = new Map<string, string>();
  for (const layer of layers) {
    const rest = Object.fromEntries(Object.entries(layer.config).filter(([key]) => !CONSUMED.has(key)));
    mergeInto(config, rest, '', layer.name, provenance);
  }
  const having = (key: string) =>
    layers.flatMap((layer) =>
      layer.config[key] === undefined ? [] : [{ entries: layer.config[key], layer }],
    );
  return { config, provenance, plugins: having('plugins'), pipeline: having('pipeline').at(-1) ?? null };
}

function mergeInto(
  target: Record<string, unknown>,
  source: Readonly<Record<string, unknown>>,
  base: string,
  layer: string,
  provenance: Map<string, string>,
): void {
  for (const [key, value] of Object.entries(source)) {
    if (value === undefined) continue;
    const path = joinPath(base, key);
    const below = Object.hasOwn(target, key) ? target[key] : undefined;
    if (isPlainObject(value)) {
      const merged = isPlainObject(below) ? below : {};
      if (merged !== below) replaced(path, layer, provenance);
      set(target, key, merged);
      mergeInto(merged, value, path, layer, provenance);
    } else {
      replaced(path, layer, provenance);
      set(target, key, value);
    }
  }
}

/** Own property whatever its name: a key `__proto__` of a JSON file must not become a prototype. */
function set(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function replaced(path: string, layer: string, provenance: Map<string, string>): void {
  for (const known of provenance.keys()) {
    if (known.startsWith(`${path}.`) || known.startsWith(`${path}[`)) provenance.delete(known);
  }
  provenance.set(path, layer);
}

/** The layer that set a path, or the nearest path above it. */
export function layerOf(path: string, provenance: ReadonlyMap<string, string>): string | undefined {
  let current = path;
  while (current !== '') {
    const layer = provenance.get(current);
    if (layer !== undefined) return layer;
    current = current.replace(/(\.[^.[\]]+|\[[^[\]]*\]|^[^.[\]]+)$/, '');
  }
  return undefined;
}
