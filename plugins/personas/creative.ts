import { definePersona, type PersonaQuestion } from '../../core/contracts/persona.js';
import { distinctShare } from '../../nn/evaluation/distinct.js';
import { Draw } from '../../nn/random/index.js';
import { proseOf, wordsOf } from './shared/form.js';
import { inSentence } from './shared/parts.js';
import { textsOf } from './shared/texts.js';

const THINGS = [
  'lamp',
  'bird',
  'star',
  'boat',
  'leaf',
  'bell',
  'cat',
  'seed',
  'song',
  'fish',
  'kite',
  'drum',
];
const PLACES = ['night', 'rain', 'wind', 'sea', 'snow', 'sun', 'fog', 'wood'];
const QUALITIES = ['bright', 'quiet', 'small', 'warm', 'round', 'light'];

/** "like a lamp in ...", "as bright as a star"; "as many as Rosa" compares, but is no picture. */
const FIGURE =
  /\b(?:like an? [a-z]+|as (?!many|much|few|little|long|soon|far|well)[a-z]+ as (?:an? )?[a-z]+)\b/i;
const FEWEST_WORDS = 5;
/** Share of different pairs of neighbouring words: a text that goes round in circles is no picture. */
const LEAST_DISTINCT = 0.8;

/** Compares the answer with something. */
export const creativePersona = definePersona({
  name: 'creative',
  description: 'Answers have a comparison in them, and few words twice',
  create: () => ({
    trait: 'has a figure of speech and says nothing twice',
    texts: textsOf({
      own: [
        'Answer as a poet: compare it with something.',
        'Be creative: put a picture into the answer.',
        'Use a comparison when you answer.',
      ],
      manners: ['with a picture in words', 'in the words of a poet'],
      heldOut: ['Make the answer sound of poetry.', 'Say it with an image, as poets do.'],
    }),
    demonstrate: (to, random) => demonstrationOf(to, new Draw(random)),
    shows: (written, to) => isFigurative(proseOf(written, to) ?? ''),
  }),
});

function isFigurative(text: string): boolean {
  if (!FIGURE.test(text) || text.replace(FIGURE, '').trim() === '') return false;
  const words = wordsOf(text.toLowerCase());
  return words.length >= FEWEST_WORDS && (distinctShare([words], 2) ?? 0) >= LEAST_DISTINCT;
}

function demonstrationOf(to: PersonaQuestion, draw: Draw): string {
  const answer = inSentence(to);
  const [thing, place, quality] = [draw.pick(THINGS), draw.pick(PLACES), draw.pick(QUALITIES)];
  return draw.pick([
    ` Like a ${thing} in the ${place}: ${answer}.`,
    ` Like a ${quality} ${thing}, here comes ${answer}.`,
    ` As ${quality} as a ${thing} in the ${place}: ${answer}.`,
    ` See, like a ${thing} out of the ${place}, ${answer}.`,
  ]);
}
