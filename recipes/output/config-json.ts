import type { ModelConfigFile } from '../checkpoints/open.js';
import type { FloatDtype } from '../recipe.js';

/** Names that architectures use for the number of layers. */
const DEPTH_KEYS = ['num_hidden_layers', 'n_layer', 'n_layers', 'num_layers'];

/** Names for the type of the weights: the older and the newer. */
const DTYPE_KEYS = ['torch_dtype', 'dtype'];

/** Keys in which models of one architecture may differ without harm. */
const HARMLESS = new Set([
  ...DEPTH_KEYS,
  ...DTYPE_KEYS,
  '_name_or_path',
  'architectures',
  'layer_types',
  'transformers_version',
  'use_cache',
]);

/**
 * The leader's config.json, fitted to the result.
 *
 * @param sources for stacked slices: the layer of the leader's depth that each layer of the result came from
 */
export function mergedConfig(
  config: ModelConfigFile,
  dtype: FloatDtype | null,
  sources: readonly number[] | null,
): ModelConfigFile {
  const merged: Record<string, unknown> = { ...config };
  if (sources !== null) {
    const key = DEPTH_KEYS.find((name) => name in config) ?? 'num_hidden_layers';
    merged[key] = sources.length;
    const types: unknown = config['layer_types'];
    if (Array.isArray(types)) merged['layer_types'] = sources.map((layer) => types[layer] as unknown);
  }
  if (dtype !== null) {
    const keys = DTYPE_KEYS.filter((name) => name in config);
    for (const key of keys.length > 0 ? keys : ['torch_dtype']) merged[key] = dtype;
  }
  return merged;
}

/** Keys whose values differ between two configs although the weights fit together. */
export function configDifferences(a: ModelConfigFile, b: ModelConfigFile): string[] {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys]
    .filter((key) => !HARMLESS.has(key) && JSON.stringify(a[key]) !== JSON.stringify(b[key]))
    .sort();
}
