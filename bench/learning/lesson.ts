import type { PhaseContext } from '../../core/contracts/phase.js';
import { trainingTexts } from '../../nn/data/index.js';
import type { CognateOptions } from '../../plugins/phases/cognate/options.js';
import {
  byTokens,
  fixSplit,
  mixture,
  packCorpus,
  trainTokenizer,
  type Corpus,
  type OwnTokenizer,
  type SplitData,
} from '../../plugins/phases/shared/index.js';
import type { MixtureWeights } from '../../nn/data/index.js';

/** Data to learn from, split and packed. */
export interface Lesson {
  readonly data: SplitData;
  readonly tokenizer: OwnTokenizer;
  readonly corpus: Corpus;
  /** Share of each dataset in a training batch. */
  readonly weights: MixtureWeights;
}

/** Prepare the datasets of some options as phase 1 does. @param mixed false: every token as likely as any other */
export async function prepareLesson(
  ctx: PhaseContext,
  { data, tokenizer: tokenizerOptions, training }: CognateOptions,
  mixed: boolean,
): Promise<Lesson> {
  const { datasets, holdout, answerOnly, evaluationRows } = data;
  const split = await fixSplit(ctx, datasets, { holdout, answerOnly });
  const tokenizer = await trainTokenizer(ctx, tokenizerOptions, trainingTexts(split.splits));
  const corpus = packCorpus(split.sets, tokenizer, { ...training, answerOnly, evaluationRows });
  const weights = mixed ? mixture(corpus, data.trunkMix, data.cap) : byTokens(corpus);
  return { data: split, tokenizer, corpus, weights };
}
