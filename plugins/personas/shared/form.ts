import type { PersonaQuestion } from '../../../core/contracts/persona.js';

/** Characters that any manner needs beside the answer and its arguments. */
const SPARE_CHARACTERS = 240;
const PLAIN = /^[\x20-\x7e\s]*$/;

/**
 * What was written, without white space around it; null where no judge need look at it: it is empty, far longer than any
 * demonstration, or has letters or pictures of which neither the question nor the answer has any.
 */
export function formOf(written: string, to: PersonaQuestion): string | null {
  const { question, answer, args } = to;
  const said = `${question}${answer}${args ?? ''}`;
  if (written.length > SPARE_CHARACTERS + 2 * said.length) return null;
  const text = written.trim();
  return text === '' || (PLAIN.test(said) && !PLAIN.test(text)) ? null : text;
}

/** The same where it is one line of prose: neither a marked answer nor code. */
export function proseOf(written: string, to: PersonaQuestion): string | null {
  const text = formOf(written, to);
  return text === null || /\n|####|```/.test(text) ? null : text;
}

/** Lines that are not empty, without white space around them. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Whether a text ends with other words, not with a part of one. */
export function endsWithWords(text: string, words: string): boolean {
  return text === words || text.endsWith(` ${words}`);
}
