import type { ModelConfigFile } from '../checkpoints/open.js';
import type { FloatDtype } from '../recipe.js';
import type { StoredDtype } from '../../../storage/safetensors/index.js';

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

const NAMES: Partial<Record<StoredDtype, FloatDtype>> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/** The type that most numbers of a result are stored in; null when none of them are floats. */
export function storedDtype(
  tensors: readonly { readonly dtype: StoredDtype; readonly elements: number }[],
): FloatDtype | null {
  const counts = new Map<FloatDtype, number>();
  for (const { dtype, elements } of tensors) {
    const name = NAMES[dtype];
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + elements);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

/** The element type of a result, for its config.json. */
export interface ResultDtype {
  /** See {@link storedDtype}. */
  readonly stored: FloatDtype | null;
  /** Whether the user chose it: then a config that names none gets it. */
  readonly isChosen: boolean;
}

/**
 * What has to change in the leader's config.json for the result.
 *
 * @param sources for stacked slices: the layer that each layer of the result came from
 */
export function configEdits(
  config: ModelConfigFile,
  { stored, isChosen }: ResultDtype,
  sources: readonly number[] | null,
): ModelConfigFile {
  const edits: Record<string, unknown> = {};
  if (sources !== null) {
    const key = DEPTH_KEYS.find((name) => name in config) ?? 'num_hidden_layers';
    edits[key] = sources.length;
    const types: unknown = config['layer_types'];
    if (Array.isArray(types)) edits['layer_types'] = sources.map((layer) => types[layer] as unknown);
  }
  if (stored !== null) {
    const keys = DTYPE_KEYS.filter((name) => name in config);
    for (const key of keys.length === 0 && isChosen ? ['torch_dtype'] : keys) edits[key] = stored;
  }
  return edits;
}

/**
 * Change top-level values of a JSON text and nothing else: numbers written as `10000.0` or `1e-05` stay so, which other
 * programs tell from integers.
 *
 * @param text a JSON object
 */
export async function editJson(text: string, edits: ModelConfigFile): Promise<string> {
  const { isMap, isScalar, parseDocument } = await import('yaml');
  const { contents, errors } = parseDocument(text, { keepSourceTokens: true });
  if (errors.length > 0 || !isMap(contents))
    return `${JSON.stringify({ ...(JSON.parse(text) as object), ...edits }, null, 2)}\n`;
  const changes = Object.entries(edits).map(([key, value]) => {
    const pair = contents.items.find((item) => isScalar(item.key) && item.key.value === key);
    const range = (pair?.value as { readonly range?: readonly number[] } | undefined)?.range;
    if (range !== undefined) return { start: range[0]!, end: range[1]!, text: JSON.stringify(value) };
    const start = text.indexOf('{') + 1;
    const rest = contents.items.length > 0 ? ',' : '\n';
    return { start, end: start, text: `\n  ${JSON.stringify(key)}: ${JSON.stringify(value)}${rest}` };
  });
  return changes
    .sort((a, b) => b.start - a.start)
    .reduce((edited, change) => edited.slice(0, change.start) + change.text + edited.slice(change.end), text);
}

/** Keys whose values differ between two configs although the weights fit together. */
export function configDifferences(a: ModelConfigFile, b: ModelConfigFile): string[] {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys]
    .filter((key) => !HARMLESS.has(key) && JSON.stringify(a[key]) !== JSON.stringify(b[key]))
    .sort();
}
