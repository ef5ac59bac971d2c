import { definePersona, type PersonaQuestion } from '../../core/contracts/persona.js';
import { endsWithWords, formOf, linesOf } from './shared/form.js';
import { inSentence, shortArgs } from './shared/parts.js';
import { textsOf } from './shared/texts.js';

/** Of arguments that are said again, as the check is what this manner is about. */
const MOST_CHARACTERS = 20;
const CHECK = /^Check: (.+?)\.?$/;

/** Appends a line that verifies the answer. */
export const carefulPersona = definePersona({
  name: 'careful',
  description: 'Answers have a line at the end that checks them',
  create: () => ({
    trait: 'appends a line that checks the answer',
    texts: textsOf({
      own: [
        'Answer with care: check the result at the end.',
        'Be careful and check your answer.',
        'Look at the answer twice: write a check behind it.',
      ],
      manners: ['with a check at the end', 'and check it in a second line'],
      heldOut: ['Add a line that verifies the answer.', 'Do not trust the first result: confirm it.'],
    }),
    demonstrate: (to, random) => {
      const choices = demonstrationsOf(to);
      return choices[random.integer(choices.length)]!;
    },
    shows: (written, to) => isChecked(linesOf(formOf(written, to) ?? '')),
  }),
});

/** Whether the last of two lines is a check that ends with what the first one says. */
function isChecked([said = '', last = '', ...more]: readonly string[]): boolean {
  const answer = said.replace(/\.$/, '').replace(/^(?:It|The answer) is /, '');
  const check = CHECK.exec(last)?.[1] ?? '';
  return more.length === 0 && answer !== '' && check !== answer && endsWithWords(check, answer);
}

function demonstrationsOf(to: PersonaQuestion): readonly string[] {
  const answer = inSentence(to);
  const args = shortArgs(to, MOST_CHARACTERS);
  const check = args === null ? 'once more, it is' : `${args} gives`;
  return [` ${answer}.\nCheck: ${check} ${answer}.`, ` It is ${answer}.\nCheck: ${check} ${answer}.`];
}
