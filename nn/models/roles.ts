import type { TensorDescription, TensorRole } from '../../core/contracts/architecture.js';
import { elementCount } from './initialize.js';

/** Number of trainable parameters; exact, needs no tensors. */
export function countParameters(descriptions: readonly TensorDescription[]): number {
  return descriptions.reduce((total, { shape }) => total + elementCount(shape), 0);
}

/** Roles that only look values up or shift and scale them: no hidden matrix product. */
const NOT_HIDDEN: ReadonlySet<TensorRole> = new Set<TensorRole>([
  'embedding',
  'embedding-projection',
  'output-head',
  'halting',
  'mixing-head',
  'self-model',
  'short-convolution',
  'norm',
  'bias',
  'initial-state',
]);

/** Whether a tensor is the matrix of a hidden layer, which orthogonalised updates suit. */
export function isHiddenMatrix({ role, shape }: TensorDescription): boolean {
  return shape.length === 2 && !NOT_HIDDEN.has(role);
}
