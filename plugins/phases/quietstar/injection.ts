import { calibrateThreshold, normalisedEntropies, writableIds } from '../../../nn/generation/index.js';
import { heldOutBatches } from '../shared/data/corpus.js';
import { generatorOptions } from '../shared/evaluation/sample.js';
import type { LiveModel } from '../shared/model/open.js';
import type { QuietstarRun } from './prepare.js';
import type { TextFindings } from './text.js';

/** No normalised entropy is above it: the model thinks before it begins and not again. */
const NEVER_ABOVE = 1;

/**
 * Normalised entropy above which the model thinks: a percentile of what it meets in held-out text. A model whose thoughts at
 * hard places of text made the next token less likely is not to think there.
 */
export async function injectionThreshold(
  run: QuietstarRun,
  model: LiveModel,
  { thinking: { lossWith, lossWithout } }: TextFindings,
): Promise<number> {
  if (lossWith !== null && lossWithout !== null && lossWith >= lossWithout) return NEVER_ABOVE;
  const { ctx, options, ordinary, tokenizer } = run;
  const { rows, length } = options.baking.training;
  const entropies = await normalisedEntropies(
    await generatorOptions(ctx, model),
    heldOutBatches(ordinary),
    [rows, length],
    writableIds(tokenizer.tokenizer),
  );
  return calibrateThreshold(entropies, options.injection.percentile);
}
