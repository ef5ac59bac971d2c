import { answerQuestions, questionOf, wilsonEstimate, type Question } from '../../nn/evaluation/index.js';
import type { MeasuredSet } from './held-out.js';
import type { AccuracyPart } from './report.js';
import type { Subject, Tell } from './subject.js';

/** Questions that are answered side by side. */
const ROWS = 16;

/** What can be asked and graded of a dataset. */
export function questionsOf(subject: Subject, { dataset, records }: MeasuredSet): readonly Question[] {
  if (dataset?.grade === undefined) return [];
  return records.flatMap((record) => questionOf(dataset, record, subject.tokenizer) ?? []);
}

/** Share of the first questions of a dataset that are answered rightly in free, greedy generation. */
export async function accuracyOf(
  subject: Subject,
  { name, standing }: MeasuredSet,
  questions: readonly Question[],
  tell: Tell,
): Promise<AccuracyPart> {
  const { items, maxTokens } = subject.settings;
  const chosen = questions.slice(0, items);
  await tell(0, chosen.length, 'question');
  const { asked, right, unfit, cut } = await answerQuestions(subject.writer, subject.tokenizer, chosen, {
    rows: Math.min(ROWS, chosen.length),
    maxTokens,
    onAnswered: (done) => tell(done, chosen.length, 'question'),
  });
  return {
    ...{ kind: 'accuracy', name, standing, available: questions.length, asked, right, unfit, cut },
    accuracy: asked === 0 ? null : wilsonEstimate(right, asked),
    ...(asked === 0 ? { reason: 'no question fits the context with its answer' } : {}),
  };
}
