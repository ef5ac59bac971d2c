import { WorkShares } from '../shared/progress.js';
import type { QuietstarOptions } from './options.js';

/** A pass with thoughts before it costs about so many updates of the same rows. */
const THINKING_COST = 4;
/** An update costs as much as the answers to so many questions in all arms. */
const QUESTIONS_PER_UPDATE = 4;

/** How much of the phase is done. */
type PhaseShares = WorkShares<'thoughts' | 'control' | 'thinking' | 'examination'>;

/** Parts of the phase by what they cost, in updates of step 1. */
export function sharesOf({ baking, quiet, examination }: QuietstarOptions): PhaseShares {
  const { items, furtherItems } = examination;
  const updates = baking.rounds * baking.steps;
  return new WorkShares([
    { name: 'thoughts', cost: updates },
    { name: 'control', cost: baking.control ? updates : 0 },
    { name: 'thinking', cost: quiet.steps * THINKING_COST },
    { name: 'examination', cost: (items + 2 * furtherItems) / QUESTIONS_PER_UPDATE },
  ]);
}
