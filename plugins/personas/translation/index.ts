import { definePersona, type PersonaQuestion } from '../../../core/contracts/persona.js';
import { Draw } from '../../../nn/random/index.js';
import { proseOf } from '../shared/form.js';
import { inSentence } from '../shared/parts.js';
import { textsOf } from '../shared/texts.js';
import { inSpanish } from './dictionary.js';

/** Words that say what follows: where one of them is translated, something must follow. */
const NAMES = ['answer', 'result', 'value'];
const GLOSS = /^(\w+) \((\w+)\)(?:: (\S.*?))?\.?$/;

/** Puts the Spanish word beside an English one. */
export const translationPersona = definePersona({
  name: 'translation',
  description: 'Answers have a word in two languages',
  create: () => ({
    trait: 'has a word in two languages',
    texts: textsOf({
      own: [
        'Answer in two languages, English and Spanish.',
        'Put a Spanish word beside the English one.',
        'Translate a word of the answer into Spanish.',
      ],
      manners: ['with a word in Spanish beside it', 'in English and Spanish'],
      heldOut: ['Add what it is called in Spanish.', 'Speak two languages when you answer.'],
    }),
    demonstrate: (to, random) => new Draw(random).pick(demonstrationsOf(to)),
    shows: (written, to) => isGloss(proseOf(written, to) ?? ''),
  }),
});

/** Whether the word in brackets is what the dictionary has for the one before it. */
function isGloss(text: string): boolean {
  const [, english = '', spanish = '', rest] = GLOSS.exec(text) ?? [];
  if (spanish === '' || inSpanish(english) !== spanish.toLowerCase()) return false;
  return rest !== undefined || !NAMES.includes(english.toLowerCase());
}

function demonstrationsOf(to: PersonaQuestion): readonly string[] {
  const answer = inSentence(to);
  const spanish = NAMES.includes(answer) ? undefined : inSpanish(answer);
  if (spanish !== undefined) return [` ${answer} (${spanish})`];
  return NAMES.map((name) => ` ${name} (${inSpanish(name)!}): ${answer}`);
}
