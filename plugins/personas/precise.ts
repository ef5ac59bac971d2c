import { definePersona, type PersonaQuestion } from '../../core/contracts/persona.js';
import { formOf, wordsOf } from './shared/form.js';
import { isNumber } from './shared/parts.js';
import { textsOf } from './shared/texts.js';

/** Words of a bare answer, where the right one is shorter. */
const FEW_WORDS = 2;

/** Words that hedge, and words of sentences around an answer. */
const ADDED = new Set(
  `maybe perhaps probably possibly likely about around roughly almost nearly think guess seems might could may should
  the a an is are was it this that answer result so get gives here next check like as you your i say give`.split(
    /\s+/,
  ),
);

/** Punctuation of other manners: marks, code, equations, notes in brackets, a colon, two sentences. */
const MARKS = [/#/, /`/, / = /, /\(/, /: /, /[.!?] /, /\n/];

/** The answer and nothing else. */
export const precisePersona = definePersona({
  name: 'precise',
  description: 'Answers are the bare result',
  create: () => ({
    trait: 'is the bare answer, without a hedge or a mark',
    texts: textsOf({
      own: [
        'Answer with the bare result and no other word.',
        'Be precise: only the answer.',
        'Give the result alone.',
      ],
      manners: ['with the result alone', 'in as few words as there are'],
      heldOut: ['Nothing but the answer, please.', 'Keep to the exact result.'],
    }),
    demonstrate: ({ answer }) => ` ${answer}`,
    shows: (written, to) => isBare(formOf(written, to), to),
  }),
});

/** Where a number is asked for, a number; else few words, none of which the answer would not have, nor its punctuation. */
function isBare(text: string | null, { answer }: PersonaQuestion): boolean {
  if (text === null) return false;
  if (isNumber(answer)) return isNumber(text.replace(/\.$/, ''));
  const words = wordsOf(text.toLowerCase());
  const expected = wordsOf(answer.toLowerCase());
  return (
    words.length <= Math.max(FEW_WORDS, expected.length) &&
    words.every((word) => expected.includes(word) || !ADDED.has(word.replace(/\W+$/, ''))) &&
    MARKS.every((mark) => mark.test(answer) || !mark.test(text))
  );
}
