import type { TensorDescription, TensorRole } from '../../core/contracts/architecture.js';
import { elementCount } from './initialize.js';

/** Number of trainable parameters; exact, needs no tensors. */
export function countParameters(descriptions: readonly TensorDescription[]): number {
  return descriptions.reduce((total, { shape }) => total + elementCount(shape), 0);
}

/** Descriptions by role, roles in order of first appearance. */
export function groupByRole(
  descriptions: readonly TensorDescription[],
): Map<TensorRole, readonly TensorDescription[]> {
  const groups = new Map<TensorRole, TensorDescription[]>();
  for (const description of descriptions) {
    const group = groups.get(description.role);
    if (group === undefined) groups.set(description.role, [description]);
    else group.push(description);
  }
  return groups;
}

/** Parameters by role. */
export function countByRole(descriptions: readonly TensorDescription[]): Map<TensorRole, number> {
  return new Map([...groupByRole(descriptions)].map(([role, group]) => [role, countParameters(group)]));
}

/** Roles that only look values up or shift and scale them: no hidden matrix product. */
const NOT_HIDDEN: ReadonlySet<TensorRole> = new Set<TensorRole>([
  'embedding',
  'embedding-projection',
  'output-head',
  'halting',
  'norm',
  'bias',
  'initial-state',
]);

/** Whether a tensor is the matrix of a hidden layer, which orthogonalised updates suit. */
export function isHiddenMatrix({ role, shape }: TensorDescription): boolean {
  return shape.length === 2 && !NOT_HIDDEN.has(role);
}
