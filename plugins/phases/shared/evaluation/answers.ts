import type { ResolveContext } from '../../../../core/contracts/phase.js';
import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import { answerQuestions, type AnswerLimits, type Question } from '../../../../nn/evaluation/index.js';
import type { LiveModel } from '../model/open.js';
import { generatorOptions } from './sample.js';

export type { Question };

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
  { rows, maxTokens, onAnswer }: Pick<AnswerLimits, 'rows' | 'maxTokens' | 'onAnswer'>,
): Promise<FreeAnswers> {
  if (questions.length === 0) return { asked: 0, accuracy: null };
  const limits = { rows, maxTokens, ...(onAnswer === undefined ? {} : { onAnswer }) };
  const { asked, right } = await answerQuestions(
    await generatorOptions(ctx, model),
    tokenizer,
    questions,
    limits,
  );
  return { asked, accuracy: asked === 0 ? null : right / asked };
}
