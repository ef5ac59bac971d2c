import { WorkShares } from '../shared/progress.js';
import type { ShapeSchedule } from '../shared/training/stages.js';
import type { CognateOptions } from './options.js';

/** A forward pass costs about a third of one with its backward pass. */
const FORWARD_COST = 1 / 3;
/** What is done once per model besides: probes, a sample, files. In updates. */
const CLOSING = 2;

/** What decides how long the parts of the phase take. */
export type Extent = Pick<
  CognateOptions,
  'maxSteps' | 'trunkFraction' | 'specializations' | 'fisherBatches'
> & { readonly training: Pick<CognateOptions['training'], 'accumulation'> };

/** Parts of the phase: `untrained`, `trunk`, and of each model its training, its evaluation, its Fisher information. */
export type Shares = WorkShares<
  'untrained' | 'trunk' | `${string}: ${'training' | 'evaluation' | 'fisher' | 'closing'}`
>;

/**
 * Costs are counted in updates of the run's own shape.
 * @param heldOutBatches of all datasets together
 */
export function sharesOf(
  options: Extent,
  { workUpTo }: Pick<ShapeSchedule, 'workUpTo'>,
  heldOutBatches: number,
): Shares {
  const { maxSteps, fisherBatches, specializations, training } = options;
  const trunk = workUpTo(trunkSteps(options));
  const evaluation = (heldOutBatches * FORWARD_COST) / training.accumulation;
  return new WorkShares([
    { name: 'untrained', cost: evaluation },
    { name: 'trunk', cost: trunk },
    ...specializations.flatMap(({ name }) => [
      { name: `${name}: training`, cost: workUpTo(maxSteps) - trunk } as const,
      { name: `${name}: evaluation`, cost: evaluation } as const,
      { name: `${name}: fisher`, cost: fisherBatches / training.accumulation } as const,
      { name: `${name}: closing`, cost: CLOSING } as const,
    ]),
  ]);
}

/** Updates of the trunk: at least one, and at least one left for the branches. */
export function trunkSteps({
  maxSteps,
  trunkFraction,
}: Pick<CognateOptions, 'maxSteps' | 'trunkFraction'>): number {
  return Math.min(maxSteps - 1, Math.max(1, Math.round(maxSteps * trunkFraction)));
}
