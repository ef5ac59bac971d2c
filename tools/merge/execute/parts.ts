import type { MergeMethod } from '../../../core/contracts/merge.js';
import type { TensorMerge } from '../plan/tensor-merge.js';
import type { MergeRecipe } from '../recipe.js';
import type { Part } from './inputs.js';

/** Elements that are read at a time where a technique takes parts: waiting for so many is worth it. */
export const PART_ELEMENTS = 1 << 19;

/** Elements that a tensor is made of at a time: at most `most` where the technique takes parts. */
export function partSize({ elements, kind }: TensorMerge, { method }: MergeRecipe, most: number): number {
  return kind === 'merge' && takesParts(method) ? Math.min(elements, most) : elements;
}

/** Whether a technique can make a part of a tensor, at least with the statistics of the whole. */
export function takesParts(method: MergeMethod): boolean {
  return method.elementwise === true || method.statistics !== undefined;
}

/**
 * The parts that tensors are made of, in order; of a tensor whose statistics are needed first, twice. An empty tensor is
 * one empty part.
 *
 * @param most see {@link partSize}
 */
export function partsOf(tensors: readonly TensorMerge[], recipe: MergeRecipe, most: number): Part[] {
  return tensors.flatMap((tensor) => {
    const { elements } = tensor;
    const size = Math.max(1, partSize(tensor, recipe, most));
    const count = Math.max(1, Math.ceil(elements / size));
    const twice = count > 1 && recipe.method.statistics !== undefined;
    const pass = (kind: Part['pass']): Part[] =>
      Array.from({ length: count }, (_, index) => ({
        tensor,
        first: index * size,
        count: Math.min(size, elements - index * size),
        pass: kind,
      }));
    return twice ? [...pass('measure'), ...pass('merge measured')] : pass('merge');
  });
}
