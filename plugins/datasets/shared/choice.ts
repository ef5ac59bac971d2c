import type { DataRecord } from '../../../core/contracts/dataset.js';
import { questionRecord } from './question.js';

/** Letter of an option: A, B, C, ... */
export function letterOf(index: number): string {
  return String.fromCharCode(65 + index);
}

/**
 * A multiple-choice record: the options are lettered A, B, C, ... whatever the source calls them, and the answer is
 * the letter with its text.
 */
export function choiceRecord(
  question: string,
  choices: readonly string[],
  answer: number,
  metadata: Readonly<Record<string, string | number | boolean>>,
): DataRecord {
  const options = choices.map((choice, index) => `${letterOf(index)}. ${choice}`);
  const letter = letterOf(answer);
  const text = choices[answer]!;
  return questionRecord([question, ...options].join('\n'), `${letter}. ${text}`, {
    ...metadata,
    answer: letter,
    answerText: text,
    choices: choices.length,
  });
}

/** Whether the first line of the answer names the right letter, or says the right option's text. */
export function gradeChoice(record: DataRecord, answer: string): boolean | null {
  const letter = record.metadata?.['answer'];
  if (letter === undefined) return null;
  const line = answer.trim().split('\n', 1)[0]!;
  const named = /^\(?([A-Z])(?:[).:]|$)/.exec(line)?.[1];
  if (named !== undefined) return named === letter;
  return (
    line !== '' &&
    line.replace(/\.$/, '').toLowerCase() ===
      String(record.metadata?.['answerText']).replace(/\.$/, '').toLowerCase()
  );
}
