import type { Handoff } from '../../../core/contracts/handoff.js';
import type { PhaseContext, PhaseResult } from '../../../core/contracts/phase.js';
import { openSplit } from '../shared/data/split.js';
import { scoringData } from '../shared/evaluation/scoring.js';
import { requireInput } from '../shared/model/hand-on.js';
import { loadFamily, rowLength } from './family/family.js';
import { conclude } from './finale/conclude.js';
import { runFinale } from './finale/finale.js';
import { Evaluator, fitnessTerms } from './individuals/evaluator.js';
import type { EvomergeOptions } from './options.js';
import { SearchReport } from './search/report.js';
import { Search, type SearchParts } from './search/search.js';

/** Run phase 2: search for the best merge of the models that came in. Goes on from its newest checkpoint. */
export async function runEvomerge(
  ctx: PhaseContext,
  options: EvomergeOptions,
  input: Handoff | null,
): Promise<PhaseResult> {
  const handoff = requireInput(ctx, input);
  const family = await loadFamily(ctx, handoff, options.importance);
  const split = await openSplit(ctx, handoff, options.evaluation.datasets);
  const length = rowLength(options, family);
  const scoring = { ...options.evaluation, length };
  const data = scoringData(split, family.tokenizer.tokenizer, scoring, 'phases.evomerge.evaluation');
  const terms = fitnessTerms(ctx, options);
  const evaluator = await Evaluator.open(await ctx.engine(), family, terms, length);
  try {
    const report = new SearchReport(ctx, options);
    const parts: SearchParts = { ctx, options, family, data, evaluator, terms, report };
    const search = await Search.open(parts);
    await search.run();
    return await conclude(parts, search, await runFinale(parts, search), split);
  } finally {
    await evaluator.dispose();
  }
}
