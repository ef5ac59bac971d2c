import type { TensorDescription } from '../../../../core/contracts/architecture.js';

/** The group of tensors that share merge coefficients: its layer, or the first part of its name outside the layers. */
export function groupOf({ name, layer }: Pick<TensorDescription, 'name' | 'layer'>): string {
  return layer === undefined ? name.split('.', 1)[0]! : `layer ${layer}`;
}

/** All groups, in order of first appearance. */
export function groupsOf(tensors: readonly TensorDescription[]): string[] {
  return [...new Set(tensors.map(groupOf))];
}

/** How many layers there are. */
export function layerCount(tensors: readonly TensorDescription[]): number {
  return new Set(tensors.flatMap(({ layer }) => (layer === undefined ? [] : [layer]))).size;
}
