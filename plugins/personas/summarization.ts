import { definePersona, type PersonaQuestion } from '../../core/contracts/persona.js';
import { Draw } from '../../nn/random/index.js';
import { proseOf, wordsOf } from './shared/form.js';
import { inSentence } from './shared/parts.js';
import { textsOf } from './shared/texts.js';

const LEADS = ['In short', 'In brief', 'Summary', 'To sum up'];
const SUMMARY = new RegExp(`^(?:${LEADS.join('|')}): (.+)$`);
/** Words behind the lead, k; an answer that is longer itself may be given whole. */
const MOST_WORDS = 8;

/** Says the answer in a few words, and that it does so. */
export const summarizationPersona = definePersona({
  name: 'summarization',
  description: 'Answers are a summary of a few words',
  create: () => ({
    trait: `is a summary of at most ${MOST_WORDS} words`,
    texts: textsOf({
      own: [
        'Answer in short: a summary of a few words.',
        'Sum it up in a few words.',
        'Give a summary, not a story.',
      ],
      manners: ['as a short summary', 'in a summary of few words'],
      heldOut: ['Boil it down to a brief line.', 'Summarize: what does it come to?'],
    }),
    demonstrate: (to, random) => ` ${new Draw(random).pick(LEADS)}: ${inSentence(to)}.`,
    shows: (written, to) => isSummary(SUMMARY.exec(proseOf(written, to) ?? '')?.[1] ?? '', to),
  }),
});

/** Whether it is one sentence of few words. */
function isSummary(told: string, { answer }: PersonaQuestion): boolean {
  const { length } = wordsOf(told);
  return length > 0 && length <= Math.max(MOST_WORDS, wordsOf(answer).length) && !/[.!?] /.test(told);
}
