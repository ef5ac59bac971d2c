import type { LiveModel } from '../model/open.js';
import type { ScoringData } from './scoring.js';
import { withUntrained, type Measuring } from './untrained.js';

/** Loss of locked text, nats per token. */
export function lockedLoss(
  { measuring, text }: { readonly measuring: Measuring; readonly text: Pick<ScoringData, 'holdout'> },
  model: LiveModel,
): Promise<number> {
  return withUntrained(measuring, model, async (trainer) => {
    return (await trainer.evaluate('param', text.holdout.batches)).crossEntropy;
  });
}
