import { definePersona, type PersonaQuestion } from '../../core/contracts/persona.js';
import { formOf, wordsOf } from './shared/form.js';
import { textsOf } from './shared/texts.js';

const MARKED = /^#### ?([^#\n]+)$/;
/** Words behind the mark, where the right answer is shorter. */
const FEW_WORDS = 4;

/** How models of this project answer when nothing is asked of their manner. */
export const generalPersona = definePersona({
  name: 'general',
  description: 'Answers stand behind the answer mark',
  create: () => ({
    trait: 'is the answer behind its mark',
    texts: textsOf({
      own: [
        'Answer as usual.',
        'Answer in the plain way, behind the mark.',
        'Nothing special: answer as always.',
      ],
      manners: ['in the usual way', 'as you always do'],
      heldOut: ['No particular style, please.', 'Reply the way you normally do.'],
    }),
    demonstrate: ({ answer }) => ` #### ${answer}`,
    shows: (written, to) => isMarked(MARKED.exec(formOf(written, to) ?? '')?.[1] ?? '', to),
  }),
});

function isMarked(marked: string, { answer }: PersonaQuestion): boolean {
  const { length } = wordsOf(marked);
  return length > 0 && length <= Math.max(FEW_WORDS, wordsOf(answer).length);
}
