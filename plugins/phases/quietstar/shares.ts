import { WorkShares } from '../shared/progress.js';
import type { QuietstarOptions } from './options.js';

/** A pass with thoughts before it costs about so many updates of the same rows. */
const THINKING_COST = 4;
/** An update costs as much as the answers to so many questions in all arms. */
const QUESTIONS_PER_UPDATE = 4;

/** Parts of the phase by what they cost, in updates of step 1. */
export function sharesOf({ baking, quiet, examination }: QuietstarOptions) {
  const { items, furtherItems } = examination;
  return new WorkShares<'thoughts' | 'control' | 'thinking' | 'examination'>([
    { name: 'thoughts', cost: baking.steps },
    { name: 'control', cost: baking.control ? baking.steps : 0 },
    { name: 'thinking', cost: quiet.steps * THINKING_COST },
    { name: 'examination', cost: (items + 2 * furtherItems) / QUESTIONS_PER_UPDATE },
  ]);
}
