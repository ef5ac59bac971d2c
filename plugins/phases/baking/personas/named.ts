import { PLANNED_PERSONAS } from '../../shared/baking/library.js';
import type { BakingOptions } from '../options.js';

/** Names of the personas that are to be baked. */
export function personasOf({ personas }: Pick<BakingOptions, 'personas'>): readonly string[] {
  return personas.use === 'planned' ? PLANNED_PERSONAS : personas.use;
}
