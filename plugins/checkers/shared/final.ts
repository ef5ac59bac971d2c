/** Marks the final answer, as in GSM8K. */
const MARK = '####';

export interface FinalAnswer {
  /** One line, without white space around it. */
  readonly text: string;
  /** Whether it stood behind the mark. */
  readonly marked: boolean;
}

/** What was answered: the rest of the line behind the first mark, or without one the first line that is not empty. */
export function finalAnswer(written: string): FinalAnswer {
  const at = written.indexOf(MARK);
  const from = at < 0 ? written : written.slice(at + MARK.length);
  return { text: from.trim().split('\n', 1)[0]!.trim(), marked: at >= 0 };
}

/** Without what is no difference: letter case, runs of white space, a full stop at the end. */
export function normalised(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').replace(/\.$/, '').trim();
}
