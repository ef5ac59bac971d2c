import { normaliseText } from '../data/content-hash.js';

/** Letters and digits, with apostrophes and hyphens between them. */
const WORD = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*/gu;
/** Controls, line ends, what has no shape of its own, and what bytes that are no text were read as. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\uFFFD]/u;
const LINE_ENDS = /[\n\v\f\r\u0085\u2028\u2029]/;
/** Where a sentence ends and another begins. */
const BOUNDARY = /(?<=[.!?])\s+/u;
const ENDED = /[.!?;:,]$/u;

/** Words of a text, without letter case and punctuation. */
export function wordsOf(text: string): string[] {
  return normaliseText(text).match(WORD) ?? [];
}

/** Equal for texts that say the same words in the same order. */
export function promptKey(text: string): string {
  return wordsOf(text).join(' ');
}

export function hasLineEnd(text: string): boolean {
  return LINE_ENDS.test(text);
}

export function isPrintable(text: string): boolean {
  return !UNPRINTABLE.test(text);
}

/** Whether a text can stand in front of a question: one printable line of 1 to `mostWords` words. */
export function isPrompt(text: string, mostWords: number): boolean {
  const words = wordsOf(text).length;
  return isPrintable(text) && words >= 1 && words <= mostWords;
}

/** Parts that can be moved and left out one by one. */
export function sentencesOf(text: string): string[] {
  return text
    .trim()
    .split(BOUNDARY)
    .filter((sentence) => sentence !== '');
}

/** One line of sentences, each but the last with a mark at its end. */
export function joinSentences(sentences: readonly string[]): string {
  return sentences
    .map((sentence, i) => (i === sentences.length - 1 || ENDED.test(sentence) ? sentence : `${sentence}.`))
    .join(' ');
}
