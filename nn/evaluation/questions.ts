import type { Dataset, DataRecord } from '../../core/contracts/dataset.js';
import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import { continueGreedily, writableIds, type GeneratorOptions } from '../generation/index.js';

/** A question that can be graded. */
export interface Question {
  readonly dataset: Dataset;
  readonly record: DataRecord;
  /** Ids to continue, the start of a document included. */
  readonly prompt: readonly number[];
}

/** What became of questions in free generation. */
export interface Answers {
  /** Questions that were answered: those whose answer fits the context. */
  readonly asked: number;
  /** How many of them rightly. */
  readonly right: number;
  /** Questions that were not asked, because they and the longest answer are longer than the context. */
  readonly unfit: number;
  /** Answers that were cut off at the most tokens; they were graded as they were. */
  readonly cut: number;
}

export interface AnswerLimits {
  /** Questions answered at a time. */
  readonly rows: number;
  /** Most tokens of an answer. */
  readonly maxTokens: number;
  /** Told how many questions are done; what it throws ends the work. */
  readonly onAnswered?: (done: number) => void | Promise<void>;
  /** Told each answer as it was written. */
  readonly onAnswer?: (question: Question, answer: string) => void;
}

/** A record as a question; null where there is nothing that can be graded. */
export function questionOf(dataset: Dataset, record: DataRecord, tokenizer: Tokenizer): Question | null {
  if (record.input === undefined || record.output === undefined) return null;
  if ((dataset.grade?.(record, record.output) ?? null) === null) return null;
  const { bos } = tokenizer.special;
  return { dataset, record, prompt: [...(bos === null ? [] : [bos]), ...tokenizer.encode(record.input)] };
}

/** Greedy answers of a model, each token by its halting rule, graded by the questions' datasets. */
export async function answerQuestions(
  model: GeneratorOptions,
  tokenizer: Tokenizer,
  questions: readonly Question[],
  { rows, maxTokens, onAnswered, onAnswer }: AnswerLimits,
): Promise<Answers> {
  const limits = { rows, maxTokens, stop: tokenizer.special.eos, ...writableIds(tokenizer) };
  const prompts = questions.map(({ prompt }) => prompt);
  const answers = await continueGreedily(model, prompts, { ...limits, onAnswered });
  const sums = { asked: 0, right: 0, unfit: 0, cut: 0 };
  for (const [i, ids] of answers.entries()) {
    if (ids === null) {
      sums.unfit++;
      continue;
    }
    const question = questions[i]!;
    const answer = tokenizer.decode(ids);
    onAnswer?.(question, answer);
    sums.asked++;
    if (ids.length === maxTokens) sums.cut++;
    if (question.dataset.grade!(question.record, answer) === true) sums.right++;
  }
  return sums;
}
