import { SINK } from '../contracts/sink.js';
import type { LayerContent, MergedConfig } from '../config/merge.js';
import { layerOf } from '../config/merge.js';
import { DEFAULT_SINKS } from '../config/schema.js';
import type { ExtensionPoints } from '../kernel/extension-points.js';
import { joinPath } from '../validation/path.js';
import type { ReadyPlugin } from './options.js';

export interface SinkWorld {
  readonly loaded: { readonly layers: readonly LayerContent[] };
  readonly merged: MergedConfig;
  readonly points: Pick<ExtensionPoints, 'names' | 'providedBy'>;
  readonly plugins: readonly ReadyPlugin[];
}

/**
 * Names of the sinks to open: those that `sinks` names, else the usual ones; and those of plugins that a nearer layer
 * mentions than the one that set `sinks`: its author could not know of them.
 */
export function sinksToOpen(configured: readonly string[] | null, world: SinkWorld): readonly string[] {
  const { points, plugins, merged, loaded } = world;
  const rank = (layer: string | null | undefined): number => {
    const index = loaded.layers.findLastIndex(({ name }) => name === layer);
    return index < 0 ? Infinity : index;
  };
  const limit = configured === null ? -1 : rank(layerOf('sinks', merged.provenance));
  const added = plugins
    .filter((plugin) => mentionedAbove(plugin, limit, rank, merged))
    .flatMap(({ plugin }) => points.providedBy(plugin.name));
  const first = configured ?? DEFAULT_SINKS;
  const known = points.names(SINK);
  return [
    ...(configured ?? known.filter((name) => first.includes(name))),
    ...known.filter((name) => !first.includes(name) && added.includes(`${SINK.id}:${name}`)),
  ];
}

function mentionedAbove(
  { plugin, listed, layer }: ReadyPlugin,
  limit: number,
  rank: (layer: string | null) => number,
  { provenance }: MergedConfig,
): boolean {
  if (listed && rank(layer) > limit) return true;
  const base = joinPath('options', plugin.name);
  return [...provenance].some(
    ([path, by]) => (path === base || path.startsWith(`${base}.`)) && rank(by) > limit,
  );
}
