import type { ThoughtMarkers } from '../../../nn/thoughts/index.js';
import type { OwnRate } from '../shared/training/trainer.js';
import type { QuietstarRun } from './prepare.js';

/** Ids that open and close a thought. */
export function markersOf({ grown }: Pick<QuietstarRun, 'grown'>): ThoughtMarkers {
  return { start: grown.ids['<think>']!, end: grown.ids['</think>']! };
}

/** The rows of the marks at their own rate; undefined where they learn as the others do. */
export function markerRate(
  run: Pick<QuietstarRun, 'grown'>,
  learningRate: number | null,
): OwnRate | undefined {
  return learningRate === null ? undefined : { rows: Object.values(markersOf(run)), learningRate };
}

/** Ids that no thought says: START, END and what the tokenizer has for other purposes. */
export function unsayable({ tokenizer, grown }: Pick<QuietstarRun, 'tokenizer' | 'grown'>): number[] {
  const special = Object.values(tokenizer.tokenizer.special).filter((id) => id !== null);
  const { start, end } = markersOf({ grown });
  return [...new Set([start, end, ...special])].sort((a, b) => a - b);
}
