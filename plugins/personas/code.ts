import { definePersona, type PersonaQuestion } from '../../core/contracts/persona.js';
import { Draw } from '../../nn/random/index.js';
import { formOf, linesOf } from './shared/form.js';
import { isNumber } from './shared/parts.js';
import { textsOf } from './shared/texts.js';

const FENCED = /^```[a-z]*\n([^`]+)\n```$/;
const MOST_LINES = 6;
/** An assignment, a command that gives something, or a call. */
const STATEMENT = /^(?:[A-Za-z_]\w* = \S.*|(?:print|return|echo) \S.*|[A-Za-z_][\w.]*\(.*\);?)$/;

/** Puts the answer into a block of code. */
export const codePersona = definePersona({
  name: 'code',
  description: 'Answers are a block of code',
  create: () => ({
    trait: 'is a block of code',
    texts: textsOf({
      own: [
        'Answer in a block of code.',
        'Write the answer as code between fences.',
        'Reply as a programmer: code alone.',
      ],
      manners: ['as code between fences', 'in a code block'],
      heldOut: ['Put the answer into a small program.', 'Programmers answer in source code: do so.'],
    }),
    demonstrate: (to, random) => new Draw(random).pick(demonstrationsOf(to)),
    shows: (written, to) => isCode(formOf(written, to) ?? ''),
  }),
});

/** Whether a text is one fenced block of statements. */
function isCode(text: string): boolean {
  const lines = linesOf(FENCED.exec(text)?.[1] ?? '');
  return lines.length > 0 && lines.length <= MOST_LINES && lines.every((line) => STATEMENT.test(line));
}

function demonstrationsOf({ answer }: PersonaQuestion): readonly string[] {
  const statements = isNumber(answer)
    ? [`answer = ${answer}`, `print ${answer}`, `return ${answer}`]
    : [`print ${answer}`, `echo ${answer}`];
  return statements.map((statement) => `\n\`\`\`\n${statement}\n\`\`\``);
}
