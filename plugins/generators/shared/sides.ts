import type { TaskSide } from '../../../core/contracts/tool.js';
import { phrased } from '../../../nn/curriculum/index.js';
import { contentHash, hashFraction } from '../../../nn/data/content-hash.js';
import type { Draw } from '../../../nn/random/index.js';

/** Share of all parameters that only held-out questions have. */
const HELD_OUT = 0.25;
/** Every so many-th word of a list is held out. */
const EVERY = 4;

/** The one side whose questions may have these parameters, whatever their wording and their difficulty. */
export function sideOf(parameters: string): TaskSide {
  return hashFraction(contentHash(parameters)) < HELD_OUT ? 'held-out' : 'train';
}

/** The items of a list that questions of a side may have; no item is on both. */
export function itemsFor<T>(items: readonly T[], side: TaskSide): readonly T[] {
  return items.filter((_, place) => (place % EVERY === EVERY - 1) === (side === 'held-out'));
}

/** Ways to ask the same, none of them on both sides. */
export interface Wordings {
  readonly train: readonly string[];
  readonly heldOut: readonly string[];
  /** Names of what is asked for: those of training stand in many other sentences, too. */
  readonly things?: readonly string[];
  /** Stands before such a sentence. */
  readonly told?: string;
}

/** Share of the questions of training that are made of a thing and any sentence, where there are things. */
const PHRASED = 0.6;

/** One of the wordings of a side. */
export function worded(draw: Draw, side: TaskSide, { train, heldOut, things, told }: Wordings): string {
  if (side === 'held-out') return draw.pick(heldOut);
  if (things === undefined || !draw.chance(PHRASED)) return draw.pick(train);
  return `${told === undefined ? '' : `${told}. `}${phrased(draw, things)}`;
}
