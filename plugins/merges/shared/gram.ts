import type { MergeInput } from '../../../core/contracts/merge.js';
import { gramOf, type Gram } from '../../../nn/merging/index.js';

/** Statistics of a technique that needs nothing of a whole tensor but the dot products of its models. */
export function gramStatistics({ models, base }: MergeInput): Float64Array {
  return gramOf(models, base).dots;
}

/** The dot products: those of the whole tensor where this is a part of it. */
export function gramFor(input: MergeInput): Gram {
  const { models, base, statistics } = input;
  return statistics === undefined ? gramOf(models, base) : { size: models.length, dots: statistics };
}
