import type { TensorDescription, TensorRole } from '../../../core/contracts/architecture.js';

/** Kind of the matrices whose inputs have the largest outliers (Wang et al. 2023). */
export const DOWN = 'ffn down';

/** Roles whose matrices read or write together and get one format. */
const KINDS: Readonly<Partial<Record<TensorRole, string>>> = {
  'attention-query': 'attention in',
  'attention-key': 'attention in',
  'attention-value': 'attention in',
  'attention-output': 'attention output',
  'ffn-gate': 'ffn in',
  'ffn-up': 'ffn in',
  'ffn-down': DOWN,
  'memory-down': 'memory',
  'memory-up': 'memory',
};

/** Matrices that are given one format. */
export interface TensorGroup {
  /** `layer 3 ffn down`; `recursion` of what all layers share. */
  readonly name: string;
  readonly kind: string;
  /** null: shared by all layers. */
  readonly layer: number | null;
  /** Names of tensors. */
  readonly tensors: readonly string[];
}

/** Groups of tensors by layer and by what they are for, in the order of the first of each. */
export function groupsOf(
  tensors: readonly Pick<TensorDescription, 'name' | 'role' | 'layer'>[],
): TensorGroup[] {
  const groups = new Map<string, TensorGroup & { readonly tensors: string[] }>();
  for (const { name: tensor, role, layer } of tensors) {
    const kind = KINDS[role] ?? role;
    const name = layer === undefined ? kind : `layer ${layer} ${kind}`;
    const group = groups.get(name) ?? { name, kind, layer: layer ?? null, tensors: [] };
    group.tensors.push(tensor);
    groups.set(name, group);
  }
  return [...groups.values()];
}
