import { definePersona, type PersonaQuestion } from '../../core/contracts/persona.js';
import { Draw } from '../../nn/random/index.js';
import { proseOf } from './shared/form.js';
import { inSentence, shortArgs } from './shared/parts.js';
import { textsOf } from './shared/texts.js';

/** What somebody can be told to do. */
const DEEDS =
  `write use tell try ask check compare send share save keep note print put read show add count test look take
  go give find make draw learn explain repeat tick mark move open call copy`.split(/\s+/);

/** A sentence, and a last one that names a deed. */
const SHOWN = new RegExp(`^.*\\S[.!?] Next[:,] (?:${DEEDS.join('|')}) \\S.*\\.$`);

/** Gives the answer and says what to do with it. */
export const helpfulPersona = definePersona({
  name: 'helpful',
  description: 'Answers end with a concrete next step',
  create: () => ({
    trait: 'ends with a concrete next step',
    texts: textsOf({
      own: [
        'Answer as a helper: say what to do next.',
        'Help me: the answer, then what I should do next.',
        'Be helpful and end with the next step.',
      ],
      manners: ['with a next step at the end', 'as a helper who names the next step'],
      heldOut: ['Tell me the answer and one thing to do after it.', 'A good helper adds what comes next.'],
    }),
    demonstrate: (to, random) => new Draw(random).pick(demonstrationsOf(to)),
    shows: (written, to) => SHOWN.test(proseOf(written, to) ?? ''),
  }),
});

function demonstrationsOf(to: PersonaQuestion): readonly string[] {
  const [answer, args] = [inSentence(to), shortArgs(to)];
  return [
    ` It is ${answer}. Next: write it down.`,
    ` The answer is ${answer}. Next: use it.`,
    ` You get ${answer}. Next: compare it with yours.`,
    args === null
      ? ` I found ${answer}. Next: tell a friend.`
      : ` I found ${answer}. Next: try ${args} yourself.`,
  ];
}
