import { distinctShare } from '../evaluation/distinct.js';
import { hasLineEnd, isPrintable, promptKey, wordsOf } from './prompt-text.js';

export interface CandidateSettings {
  /** Texts that it must not copy: those of the bank, of personas, and what was tried. */
  readonly existing: readonly string[];
  /** Default 3. */
  readonly leastWords?: number;
  /** Default 40. */
  readonly mostWords?: number;
  /** Share of its pairs of neighbouring words that must differ (distinct-2). Default 0.7. */
  readonly leastDistinct?: number;
  /** Texts that must not stand in it, such as the tags of thoughts and calls. */
  readonly marks?: readonly string[];
}

/**
 * `lines`: more than one. `unprintable`: characters that cannot be seen. `mark`: a tag in it. `short`, `long`: words. `loop`: it
 * repeats itself. `copy`: the words of a text that there is.
 */
export type CandidateRefusal = 'lines' | 'unprintable' | 'mark' | 'short' | 'long' | 'loop' | 'copy';

export type Candidate =
  | { readonly valid: true; /** Without space around it. */ readonly text: string }
  | { readonly valid: false; readonly reason: CandidateRefusal };

/** Whether a text that a model wrote of itself can be tried as a prompt; the first thing that is wrong with it. */
export function validCandidate(written: string, settings: CandidateSettings): Candidate {
  const { existing, leastWords = 3, mostWords = 40, leastDistinct = 0.7, marks = [] } = settings;
  const text = written.trim();
  const words = wordsOf(text);
  const refusals: readonly (readonly [CandidateRefusal, () => boolean])[] = [
    ['lines', () => hasLineEnd(text)],
    ['unprintable', () => !isPrintable(text)],
    ['mark', () => marks.some((mark) => text.includes(mark))],
    ['short', () => words.length < leastWords],
    ['long', () => words.length > mostWords],
    ['loop', () => (distinctShare([words], 2) ?? 1) < leastDistinct],
    ['copy', () => existing.some((one) => promptKey(one) === promptKey(text))],
  ];
  const wrong = refusals.find(([, holds]) => holds());
  return wrong === undefined ? { valid: true, text } : { valid: false, reason: wrong[0] };
}

/** Those that can be tried, in their order, none of them twice. */
export function validCandidates(written: readonly string[], settings: CandidateSettings): string[] {
  return written.reduce<string[]>((texts, one) => {
    const candidate = validCandidate(one, { ...settings, existing: [...settings.existing, ...texts] });
    return candidate.valid ? [...texts, candidate.text] : texts;
  }, []);
}
