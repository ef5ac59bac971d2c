/** The one form in which models are asked: a line with the question, and the beginning of the answer. */
export function questionLine(question: string): string {
  return `Question: ${question}\n`;
}

/** What stands in front of an answer. */
export const ANSWER_CUE = 'Answer:';

/** An earlier turn: a question with its answer as it was shown. */
export function turnText(question: string, answer: string): string {
  return `${questionLine(question)}${ANSWER_CUE}${answer}\n`;
}
