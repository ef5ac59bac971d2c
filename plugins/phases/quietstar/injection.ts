import { calibrateThreshold, normalisedEntropies, writableIds } from '../../../nn/generation/index.js';
import { heldOutBatches } from '../shared/data/corpus.js';
import { generatorOptions } from '../shared/evaluation/sample.js';
import type { LiveModel } from '../shared/model/open.js';
import type { QuietstarRun } from './prepare.js';

/** Normalised entropy above which the model thinks: a percentile of what it meets in held-out text. */
export async function injectionThreshold(run: QuietstarRun, model: LiveModel): Promise<number> {
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
