import type { WorkedData, WorkedRecord } from '../shared/thoughts/examples.js';
import type { QuietstarOptions } from './options.js';

/** Held-out questions that are not reported on, of the families and ranges of the training. No question is on both sides. */
export interface FreeQuestions {
  /** That the models of both steps are compared on. */
  readonly choice: readonly WorkedRecord[];
  /** That thoughts are tested on while step 2 trains. */
  readonly tests: readonly WorkedRecord[];
}

/** Questions that two models are compared on. */
const CHOICE = 128;

/**
 * Share out the free questions. A choice by questions that weights were taken back for would speak for those weights. Where
 * there are too few for both, tests have at most half of them; without tests all are to choose by.
 */
export function freeQuestions(
  { free }: Pick<WorkedData, 'free'>,
  quiet: Pick<QuietstarOptions['quiet'], 'steps' | 'theater'>,
): FreeQuestions {
  const known = free.filter(({ part }) => part === 'known');
  const room = Math.max(known.length - CHOICE, Math.floor(known.length / 2));
  const tested = hasTests(quiet) ? Math.min(quiet.theater.items, room) : 0;
  const first = known.length - tested;
  return { choice: known.slice(0, Math.min(CHOICE, first)), tests: known.slice(first) };
}

/** Whether there is an update of step 2 after which thoughts are tested. */
export function hasTests({ steps, theater }: Pick<QuietstarOptions['quiet'], 'steps' | 'theater'>): boolean {
  const every = theater.every ?? 0;
  return every > 0 && every <= steps;
}
