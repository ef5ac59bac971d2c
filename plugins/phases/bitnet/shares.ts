import { WorkShares } from '../shared/progress.js';
import type { BitnetOptions } from './options.js';

/** Calibration and packing cost about so many updates. */
const REST = 40;

/** How much of the phase is done. */
export type PhaseShares = WorkShares<'before' | 'recovery' | 'mixed' | 'after'>;

/** Parts of the phase by what they cost, in updates of recovery. */
export function sharesOf({ recovery, mixed }: BitnetOptions): PhaseShares {
  const retuned = mixed.when === 'never' ? 0 : mixed.retune * recovery.steps;
  return new WorkShares([
    { name: 'before', cost: REST },
    { name: 'recovery', cost: recovery.steps },
    { name: 'mixed', cost: retuned },
    { name: 'after', cost: 2 * REST },
  ]);
}
