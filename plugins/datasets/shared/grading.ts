import type { DataRecord } from '../../../core/contracts/dataset.js';
import { finalAnswer } from './question.js';

/** A number as people write it: sign, currency, thousands separators, decimals. */
const NUMBER = /(?<![\w).])-?\$?(?:\d[\d,]*(?:\.\d+)?|\.\d+)/g;

function numbersIn(text: string): readonly number[] {
  return (text.match(NUMBER) ?? []).map((written) => Number(written.replace(/[$,]/g, '')));
}

/**
 * The number a text answers with: the first after the answer mark, else the last one in the text; null without any.
 */
export function answeredNumber(text: string): number | null {
  const final = finalAnswer(text);
  const found = final === null ? numbersIn(text).at(-1) : numbersIn(final)[0];
  return found ?? null;
}

/** Whether the answer is the number in `metadata.answer`; null when the record has none. */
export function gradeNumber(record: DataRecord, answer: string): boolean | null {
  const expected = Number(record.metadata?.['answer']);
  if (record.metadata?.['answer'] === undefined || Number.isNaN(expected)) return null;
  const found = answeredNumber(answer);
  return found !== null && Math.abs(found - expected) <= 1e-6 * Math.max(1, Math.abs(expected));
}

/** Whether the final answer is the text in `metadata.answer`, letter case aside; null when the record has none. */
export function gradeText(record: DataRecord, answer: string): boolean | null {
  const expected = record.metadata?.['answer'];
  if (expected === undefined) return null;
  const found = finalAnswer(answer) ?? answer.trim().split('\n', 1)[0]!;
  return found.replace(/\.$/, '').toLowerCase() === String(expected).toLowerCase();
}
