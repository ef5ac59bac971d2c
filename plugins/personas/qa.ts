import { definePersona, type PersonaQuestion } from '../../core/contracts/persona.js';
import { Draw } from '../../nn/random/index.js';
import { proseOf, wordsOf } from './shared/form.js';
import { inSentence, shortArgs } from './shared/parts.js';
import { textsOf } from './shared/texts.js';

/** Something, that it is the answer, and a full stop at the end alone. */
const SENTENCE = /^(.+?)(?: is|: that is) (?:the (?:answer|result)|what)\b(?:[^.!?]|[.!?](?=\S))*\.$/;
/** What stands for an answer that is not said, and who begins to tell something else. */
const POINTERS = /^(?:it|this|that|here|which|what|the answer|the result|i|you|we)\b/i;
/** Words of an answer in front, where the right one is shorter; from here on it is no good subject of a sentence. */
const FEW_WORDS = 4;

/** One full sentence that begins with the answer. */
export const qaPersona = definePersona({
  name: 'qa',
  description: 'Answers are one sentence that begins with the answer',
  create: () => ({
    trait: 'is one full sentence, the answer first',
    texts: textsOf({
      own: [
        'Begin with the answer, in one full sentence.',
        'Put the answer first and make it a sentence.',
        'One sentence, the answer at its front.',
      ],
      manners: ['in one sentence that begins with it', 'in a full sentence, answer first'],
      heldOut: [
        'Let the sentence start with what was asked for.',
        'Full sentences, please, with the answer up front.',
      ],
    }),
    demonstrate: (to, random) => new Draw(random).pick(demonstrationsOf(to)),
    shows: (written, to) => isAnswer(SENTENCE.exec(proseOf(written, to) ?? '')?.[1] ?? '', to),
  }),
});

function isAnswer(subject: string, { answer }: PersonaQuestion): boolean {
  const { length } = wordsOf(subject);
  if (POINTERS.test(subject) && !POINTERS.test(answer)) return false;
  return length > 0 && length <= Math.max(FEW_WORDS, wordsOf(answer).length);
}

function demonstrationsOf(to: PersonaQuestion): readonly string[] {
  const [answer, args] = [inSentence(to), shortArgs(to)];
  const is = wordsOf(answer).length > FEW_WORDS ? `${answer}: that is` : `${answer} is`;
  return [
    ` ${is} the answer.`,
    ` ${is} what you asked for.`,
    args === null ? ` ${is} the answer to the question.` : ` ${is} what ${args} gives.`,
  ];
}
