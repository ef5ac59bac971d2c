import type { Individual } from '../individual.js';
import type { Control } from '../diversity.js';
import type { Plan } from '../plans.js';

/** What the next generation is made from. */
export interface Surroundings {
  /** Number of the generation to make. */
  readonly generation: number;
  /** The present one, in the order it was planned. */
  readonly population: readonly Individual[];
  /** Best individual so far; it may be a parent, which is in no population. */
  readonly champion: Individual;
  readonly control: Control;
}

/** Decides what the next generation consists of. */
export interface Strategy {
  next(surroundings: Surroundings): Plan[];
  /** What it must remember, after `next` of a generation; JSON. */
  state(): unknown;
}
