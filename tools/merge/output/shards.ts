import { bytesOf, type PlannedTensor } from '../../../storage/safetensors/index.js';

/** One file of the result. */
export interface Shard<T extends PlannedTensor> {
  readonly file: string;
  readonly tensors: readonly T[];
}

/**
 * Spread tensors over files of at most `maxBytes` of data, in order; a larger tensor gets a file of its own. One file is
 * `model.safetensors`, several are `model-00001-of-0000N.safetensors`.
 */
export function layOutShards<T extends PlannedTensor>(tensors: readonly T[], maxBytes: number): Shard<T>[] {
  const groups: T[][] = [[]];
  let used = 0;
  for (const tensor of tensors) {
    const bytes = bytesOf(tensor.dtype, tensor.shape) ?? 0;
    if (used > 0 && used + bytes > maxBytes) {
      groups.push([]);
      used = 0;
    }
    groups.at(-1)!.push(tensor);
    used += bytes;
  }
  if (groups.length === 1) return [{ file: 'model.safetensors', tensors: groups[0]! }];
  const number = (index: number): string => String(index).padStart(5, '0');
  return groups.map((group, index) => ({
    file: `model-${number(index + 1)}-of-${number(groups.length)}.safetensors`,
    tensors: group,
  }));
}

/** The content of `model.safetensors.index.json`. */
export function shardIndex<T extends PlannedTensor>(shards: readonly Shard<T>[]): object {
  const all = shards.flatMap(({ file, tensors }) => tensors.map((tensor) => ({ ...tensor, file })));
  const total = all.reduce((sum, { dtype, shape }) => sum + (bytesOf(dtype, shape) ?? 0), 0);
  const places = all.map(({ name, file }) => [name, file] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  return { metadata: { total_size: total }, weight_map: Object.fromEntries(places) };
}
