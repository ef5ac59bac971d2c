import { BAKING } from '../../../core/contracts/baking.js';
import type { HostBatch } from '../../../nn/training/index.js';
import { bakingBatches } from '../shared/baking/rows.js';
import { heldOutBatches } from '../shared/data/corpus.js';
import type { LiveModel } from '../shared/model/open.js';
import { thinkingExamples } from '../shared/thoughts/examples.js';
import { recalibrated, type CalibratedModel } from '../shared/training/recalibrate.js';
import { measuringOf } from './ordinary.js';
import type { QuietstarRun } from './prepare.js';

/**
 * The champion's halting rule for a model that came of it, measured again on held-out text and on held-out questions with
 * their worked thoughts.
 */
export function calibrated(run: QuietstarRun, model: LiveModel): Promise<CalibratedModel> {
  return recalibrated(measuringOf(run), model, run.champion.halting, () => {
    const { text, questions } = heldOutRows(run);
    return [...text, ...questions];
  });
}

/** Ordinary text, and about as many rows of questions, where there are so many. */
export function heldOutRows({
  ctx,
  ordinary,
  worked,
  options,
  tokenizer,
}: Pick<QuietstarRun, 'ctx' | 'ordinary' | 'worked' | 'options' | 'tokenizer'>): {
  readonly text: readonly HostBatch[];
  readonly questions: readonly HostBatch[];
} {
  const text = heldOutBatches(ordinary);
  const { rows, length } = options.baking.training;
  const known = worked.free.filter(({ part }) => part === 'known');
  const room = { tokens: text.length * rows * length, length };
  // Packing puts long ones first: what is taken is taken before it.
  const examples = thinkingExamples(known, tokenizer.tokenizer, room);
  const shape = { length, promptLength: 0 };
  const packed = ctx.resolve(BAKING, 'traces').rows(examples, tokenizer.tokenizer, shape).rows;
  return { text, questions: bakingBatches({ rows: packed, extras: {} }, rows) };
}
