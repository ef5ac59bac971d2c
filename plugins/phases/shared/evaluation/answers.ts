import type { Dataset, DataRecord } from '../../../../core/contracts/dataset.js';
import type { ResolveContext } from '../../../../core/contracts/phase.js';
import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import { continueGreedily } from '../../../../nn/generation/index.js';
import type { LiveModel } from '../model/open.js';
import type { AnswerOptions } from '../options.js';
import { generatorOptions } from './sample.js';

/** A held-out question that can be graded. */
export interface Question {
  readonly dataset: Dataset;
  readonly record: DataRecord;
  /** Ids to continue, the start of a document included. */
  readonly prompt: readonly number[];
}

/** How a model did in free generation. */
export interface FreeAnswers {
  /** Questions that were asked: those whose answer fits the context. */
  readonly asked: number;
  /** Share answered rightly; null where none was asked. */
  readonly accuracy: number | null;
}

/** Greedy answers of a model, each token by its halting rule, graded by the questions' datasets. */
export async function freeAnswers(
  ctx: Pick<ResolveContext, 'engine'>,
  { model, tokenizer }: { readonly model: LiveModel; readonly tokenizer: Tokenizer },
  questions: readonly Question[],
  { rows, maxTokens }: Pick<AnswerOptions, 'rows' | 'maxTokens'>,
): Promise<FreeAnswers> {
  if (questions.length === 0) return { asked: 0, accuracy: null };
  const limits = { rows, maxTokens, stop: tokenizer.special.eos, vocabulary: tokenizer.vocabularySize };
  const prompts = questions.map(({ prompt }) => prompt);
  const answers = await continueGreedily(await generatorOptions(ctx, model), prompts, limits);
  const graded = answers.flatMap((ids, i) => {
    if (ids === null) return [];
    const { dataset, record } = questions[i]!;
    return [dataset.grade!(record, tokenizer.decode(ids)) === true];
  });
  const right = graded.filter(Boolean).length;
  return { asked: graded.length, accuracy: graded.length === 0 ? null : right / graded.length };
}
