import type { Handoff } from '../../../core/contracts/handoff.js';
import type { PhaseContext, PhaseResult } from '../../../core/contracts/phase.js';
import { ForgeError } from '../../../core/errors/index.js';
import { conclude } from './conclude.js';
import { prepareEvaluation, rowLength } from './data.js';
import { Evaluator, fitnessTerms } from './evaluator.js';
import { loadFamily } from './family.js';
import { runFinale } from './finale.js';
import type { EvomergeOptions } from './options.js';
import { SearchReport } from './report.js';
import { Search, type SearchParts } from './search.js';
import { unusedOptions } from './unused-options.js';

/** Run phase 2: search for the best merge of the models that came in. Goes on from its newest checkpoint. */
export async function runEvomerge(
  ctx: PhaseContext,
  options: EvomergeOptions,
  input: Handoff | null,
): Promise<PhaseResult> {
  if (input === null) {
    throw new ForgeError('AF_HANDOFF_MISSING', 'There are no models to merge.', {
      at: 'phase evomerge',
      fix: 'Run cognate before evomerge.',
    });
  }
  for (const unused of unusedOptions(options)) ctx.log.warn(unused);
  const family = await loadFamily(ctx, input, options.importance);
  const data = await prepareEvaluation(ctx, options, family, input.facts);
  const terms = fitnessTerms(ctx, options);
  const evaluator = await Evaluator.open(await ctx.engine(), family, terms, rowLength(options, family));
  try {
    const parts: SearchParts = {
      ctx,
      options,
      family,
      data,
      evaluator,
      terms,
      report: new SearchReport(ctx, options),
    };
    const search = await Search.open(parts);
    await search.run();
    const finale = await runFinale(parts, search);
    ctx.event('sample', { model: 'champion', ...finale.sample });
    return await conclude(parts, search, finale);
  } finally {
    await evaluator.dispose();
  }
}
