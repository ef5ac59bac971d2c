import type { Individual } from '../individuals/individual.js';
import type { Control } from '../search/diversity.js';
import type { Proposal } from '../search/proposals.js';

/** What the next generation is made from. */
export interface Surroundings {
  /** Number of the generation to make. */
  readonly generation: number;
  /** The present one, in the order it was proposed. */
  readonly population: readonly Individual[];
  /** Best individual so far; it may be a parent, which is in no population. */
  readonly champion: Individual;
  readonly control: Control;
}

/** Decides what the next generation consists of. */
export interface Strategy {
  next(surroundings: Surroundings): Proposal[];
  /** What it must remember, after `next` of a generation; JSON. */
  state(): unknown;
}
