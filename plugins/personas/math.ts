import { definePersona, type PersonaQuestion } from '../../core/contracts/persona.js';
import { Draw } from '../../nn/random/index.js';
import { proseOf } from './shared/form.js';
import { inSentence } from './shared/parts.js';
import { textsOf } from './shared/texts.js';

const SIGN = ' = ';
const MOST_SIDES = 3;
const VARIABLE = /^[a-z]$/;
/** Numbers with at least one sign between them. */
const EXPRESSION = /^(?=.*\d\s*[-+*/%^)].*\d)[-+*/%^().\d\s]+$/;

/** Writes the answer as one side of an equation. */
export const mathPersona = definePersona({
  name: 'math',
  description: 'Answers are an equation',
  create: () => ({
    trait: 'is an equation',
    texts: textsOf({
      own: [
        'Answer as an equation.',
        'Write the answer behind an equals sign.',
        'Put it the way of mathematics: an equation.',
      ],
      manners: ['as an equation', 'in the form of a formula'],
      heldOut: ['Show both sides and the equals sign.', 'Mathematicians write equations: do so.'],
    }),
    demonstrate: (to, random) => new Draw(random).pick(demonstrationsOf(to)),
    shows: (written, to) => isEquation(proseOf(written, to) ?? ''),
  }),
});

/** Whether a text is two or three different sides, one of them an expression or a variable. */
function isEquation(text: string): boolean {
  const sides = text
    .replace(/\.$/, '')
    .split(SIGN)
    .map((side) => side.trim());
  return (
    sides.length >= 2 &&
    sides.length <= MOST_SIDES &&
    sides.every((side) => side !== '') &&
    new Set(sides).size === sides.length &&
    sides.some((side) => VARIABLE.test(side) || EXPRESSION.test(side))
  );
}

function demonstrationsOf(to: PersonaQuestion): readonly string[] {
  const { args } = to;
  const answer = inSentence(to);
  const unknown = answer === 'x' ? 'y' : 'x';
  if (args === null || !EXPRESSION.test(args) || args === answer)
    return [` ${unknown} = ${answer}`, ` ${answer} = ${unknown}`];
  return [` ${args} = ${answer}`, ` ${unknown} = ${args} = ${answer}`, ` ${answer} = ${args}`];
}
