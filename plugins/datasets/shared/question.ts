import type { DataRecord } from '../../../core/contracts/dataset.js';
import { ANSWER_CUE, questionLine } from '../../../core/contracts/question.js';

/** The one form of question records: every set asks in the same words, so that what is learnt on one helps another. */
export function questionRecord(
  question: string,
  answer: string,
  metadata: Readonly<Record<string, string | number | boolean>>,
): DataRecord {
  const input = `${questionLine(question)}${ANSWER_CUE}`;
  const output = ` ${answer}`;
  return { text: input + output, input, output, metadata };
}

/** Marks the final answer after the reasoning, as GSM8K does. */
export const FINAL_ANSWER = '####';

/** A line of reasoning or several, closed by the final answer. */
export function reasonedAnswer(reasoning: string, answer: string | number): string {
  return reasoning === '' ? `${FINAL_ANSWER} ${answer}` : `${reasoning}\n${FINAL_ANSWER} ${answer}`;
}

/** What stands after the first answer mark, up to the end of its line; null when there is no mark. */
export function finalAnswer(text: string): string | null {
  const at = text.indexOf(FINAL_ANSWER);
  return at < 0
    ? null
    : text
        .slice(at + FINAL_ANSWER.length)
        .trimStart()
        .split('\n', 1)[0]!
        .trim();
}
