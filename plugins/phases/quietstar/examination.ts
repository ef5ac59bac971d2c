import type { Examination } from '../shared/thoughts/examine.js';
import type { QuietstarRun } from './prepare.js';

/** What the phase's examinations of thoughts work with. */
export function examinationOf({
  ctx,
  options,
  tokenizer,
  grown,
}: Pick<QuietstarRun, 'ctx' | 'options' | 'tokenizer' | 'grown'>): Examination {
  const { thoughtTokens, answerTokens } = options.examination;
  return { ctx, tokenizer: tokenizer.tokenizer, tags: grown.ids, thoughtTokens, answerTokens };
}
