import { definePersona, type PersonaQuestion } from '../../core/contracts/persona.js';
import { Draw } from '../../nn/random/index.js';
import { proseOf, wordsOf } from './shared/form.js';
import { inSentence, shortArgs } from './shared/parts.js';
import { textsOf } from './shared/texts.js';

const QUOTED = /^(?:You said|You told me|You gave me|I remember) (.+?), so (?:it is )?\S/;
const MOST_WORDS = 4;
const FEWEST_CHARACTERS = 2;

/** Repeats what the question said before it answers. */
export const memoryPersona = definePersona({
  name: 'memory',
  description: 'Answers quote a fact of the question',
  create: () => ({
    trait: 'quotes what the question said before',
    texts: textsOf({
      own: [
        'Answer from memory: repeat what was said before.',
        'First repeat the fact from the question, then answer.',
        'Quote what I told you, then give the answer.',
      ],
      manners: ['with a quote of what you were told', 'and repeat the fact you were given'],
      heldOut: ['Recall what the question says when you answer.', 'Remind me of my words before the answer.'],
    }),
    demonstrate: (to, random) => new Draw(random).pick(demonstrationsOf(to)),
    shows: (written, to) => isQuoteOf(QUOTED.exec(proseOf(written, to) ?? '')?.[1] ?? '', to.question),
  }),
});

/** Whether the question has these words. */
function isQuoteOf(quote: string, question: string): boolean {
  const plain = (text: string): string => wordsOf(text.toLowerCase()).join(' ');
  return quote.length >= FEWEST_CHARACTERS && plain(question).includes(plain(quote));
}

function demonstrationsOf(to: PersonaQuestion): readonly string[] {
  const [fact, answer] = [factOf(to), inSentence(to)];
  return [
    ` You said ${fact}, so it is ${answer}.`,
    ` You told me ${fact}, so ${answer}.`,
    ` I remember ${fact}, so it is ${answer}.`,
  ];
}

/** What the question has told by then: short arguments, else the first clause with a number, or the first one. */
function factOf(to: PersonaQuestion): string {
  const { question } = to;
  const args = shortArgs(to);
  if (args !== null && question.includes(args)) return args;
  const clauses = question
    .split(/[.,:;?!](?:\s|$)|;/)
    .map((clause) => clause.replace(/=\s*$/, '').trim())
    .filter((clause) => clause.length >= FEWEST_CHARACTERS);
  return inFewWords(clauses.find((clause) => /\d/.test(clause)) ?? clauses[0] ?? question);
}

/** Of a long clause what stands from its first number on, or its end. */
function inFewWords(clause: string): string {
  const words = wordsOf(clause);
  if (words.length <= MOST_WORDS) return clause;
  const number = words.findIndex((word) => /\d/.test(word));
  return (number < 0 ? words.slice(-MOST_WORDS) : words.slice(number, number + MOST_WORDS)).join(' ');
}
