import { definePersona, type PersonaQuestion } from '../../core/contracts/persona.js';
import { Draw } from '../../nn/random/index.js';
import { formOf, linesOf } from './shared/form.js';
import { inSentence, shortArgs } from './shared/parts.js';
import { textsOf } from './shared/texts.js';

const FEWEST_STEPS = 2;

/** Goes to the answer in numbered steps. */
export const reasoningPersona = definePersona({
  name: 'reasoning',
  description: 'Answers are numbered steps',
  create: () => ({
    trait: 'is a list of numbered steps',
    texts: textsOf({
      own: [
        'Answer in numbered steps.',
        'Reason step by step and number the steps.',
        'Show the way to the answer as a numbered list.',
      ],
      manners: ['in numbered steps', 'as a list of steps with numbers'],
      heldOut: [
        'First step, second step: lay out your reasoning.',
        'Count your steps on the way to the answer.',
      ],
    }),
    demonstrate: (to, random) => new Draw(random).pick(demonstrationsOf(to)),
    shows: (written, to) => isNumbered(linesOf(formOf(written, to) ?? '')),
  }),
});

/** Whether every line is the next step, from the first on. */
function isNumbered(lines: readonly string[]): boolean {
  return (
    lines.length >= FEWEST_STEPS &&
    lines.every((line, i) => /^\d+\. \S/.test(line) && parseInt(line) === i + 1)
  );
}

function demonstrationsOf(to: PersonaQuestion): readonly string[] {
  const answer = inSentence(to);
  const given = shortArgs(to) ?? 'the question';
  return [
    `\n1. Take ${given}.\n2. It gives ${answer}.`,
    `\n1. Look at ${given}.\n2. The answer is ${answer}.`,
    `\n1. Take ${given}.\n2. Work it out.\n3. It is ${answer}.`,
  ];
}
