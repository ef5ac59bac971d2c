import type { Persona } from '../../core/contracts/persona.js';
import { personaConformance } from '../../testing/index.js';
import { failures, fails, testConformance } from '../support/conformance.js';

/** Shouts: large letters and a mark at the end. */
function loud(changes: Partial<Persona> = {}): Persona {
  return {
    trait: 'shouts',
    texts: {
      wordings: ['Shout the answer.', 'Answer in a loud voice.'],
      heldOut: ['Be as loud as you can.'],
    },
    demonstrate: ({ answer }, random) => ` ${['HEAR', 'NOW'][random.integer(2)]!}: ${answer}!!`,
    shows: (written) => /^\s*(?:HEAR|NOW): [^\n]{1,60}!!$/.test(written),
    ...changes,
  };
}
const suite = (changes: Partial<Persona>) => personaConformance(() => loud(changes));
const { wordings, heldOut } = loud().texts;
const SUM = { question: 'What is 37+58?', answer: '95', args: '37+58' };

describe('a persona that keeps the rules passes', () => {
  testConformance(personaConformance(() => loud()));
});

describe('options are taken', () => {
  test('questions, demonstrations, words, texts that show nothing', async () => {
    let asked = 0;
    const counting = loud({
      demonstrate: ({ answer }) => {
        asked++;
        return ` NOW: ${answer}!!`;
      },
    });
    const questions = [{ question: 'a?', answer: 'b', args: null }];
    const cases = personaConformance(() => counting, { questions, demonstrations: 3 });
    expect(await fails(cases, 'shows its trait in every demonstration')).toBe(false);
    expect(asked).toBe(3);
    const name = 'has short wordings of one line without tags';
    expect(
      await fails(
        personaConformance(() => loud(), { words: 6 }),
        name,
      ),
    ).toBe(false);
    expect(
      await fails(
        personaConformance(() => loud(), { words: 5 }),
        name,
      ),
    ).toBe(true);
    const seen = 'sees no trait in nothing, in endless text and in other languages';
    expect(
      await fails(
        personaConformance(() => loud(), { never: ['NOW: so!!'] }),
        seen,
      ),
    ).toBe(true);
  });

  test('the seed', async () => {
    const drawn = async (seed: number): Promise<string[]> => {
      const written: string[] = [];
      const recording = loud({
        demonstrate: (to, random) => {
          written.push(loud().demonstrate(to, random));
          return written.at(-1)!;
        },
      });
      await failures(personaConformance(() => recording, { seed }));
      return written;
    };
    expect(await drawn(1)).toEqual(await drawn(1));
    expect(await drawn(1)).not.toEqual(await drawn(2));
  });
});

let calls = 0;
test.each<[string, string, Partial<Persona>]>([
  [
    'one wording alone',
    'has wordings to learn with and others to measure with',
    { texts: { wordings: ['Shout.'], heldOut } },
  ],
  [
    'nothing to measure with',
    'has wordings to learn with and others to measure with',
    { texts: { wordings, heldOut: [] } },
  ],
  [
    'a wording that is measured with, too',
    'has wordings to learn with and others to measure with',
    { texts: { wordings, heldOut: [wordings[0]!.toUpperCase()] } },
  ],
  [
    'a wording of two lines',
    'has short wordings of one line without tags',
    { texts: { wordings: [...wordings, 'Shout\nnow.'], heldOut } },
  ],
  [
    'a wording with a tag',
    'has short wordings of one line without tags',
    { texts: { wordings, heldOut: ['Be <|persona:loud|>.'] } },
  ],
  [
    'a long wording',
    'has short wordings of one line without tags',
    { texts: { wordings, heldOut: [`Shout ${'very '.repeat(13)}loud.`] } },
  ],
  ['no trait', 'says in a few words what its trait is', { trait: '' }],
  [
    'a demonstration that is glued to the colon',
    'demonstrates with what can stand behind "Answer:" and has the answer in it',
    { demonstrate: ({ answer }) => `NOW: ${answer}!!` },
  ],
  [
    'a demonstration that ends with a space',
    'demonstrates with what can stand behind "Answer:" and has the answer in it',
    { demonstrate: ({ answer }) => ` NOW: ${answer}!! ` },
  ],
  [
    'a demonstration of half the answer',
    'demonstrates with what can stand behind "Answer:" and has the answer in it',
    { demonstrate: ({ answer }) => ` NOW: ${answer.slice(0, 3)}!!` },
  ],
  [
    'demonstrations with numbers of its own',
    'demonstrates the same with the same random numbers',
    { demonstrate: ({ answer }) => ` NOW: ${answer}!! ${calls++}` },
  ],
  [
    'a demonstration that it does not recognise',
    'shows its trait in every demonstration',
    { demonstrate: ({ answer }) => ` now: ${answer}!!` },
  ],
  [
    'a judge who wants the right answer',
    'shows it in wrong answers, too',
    { shows: (written, { answer }) => written.includes(answer) && loud().shows(written, SUM) },
  ],
  [
    'a judge who throws',
    'judges any text, and the same text the same',
    {
      shows: (written) => {
        if (written.includes('\ud800')) throw new Error('no text');
        return false;
      },
    },
  ],
  [
    'a judge without a verdict',
    'judges any text, and the same text the same',
    { shows: (written) => (written === '' ? (undefined as never) : false) },
  ],
  ['a judge of moods', 'judges any text, and the same text the same', { shows: () => calls++ % 2 === 0 }],
  [
    'a judge who sees the trait in nothing',
    'sees no trait in nothing, in endless text and in other languages',
    { shows: (written) => !written.includes('a') },
  ],
  [
    'a judge who sees it in endless text',
    'sees no trait in nothing, in endless text and in other languages',
    { shows: (written) => written.length > 1000 },
  ],
  [
    'a judge who sees it in pictures',
    'sees no trait in nothing, in endless text and in other languages',
    { shows: (written) => /\p{Extended_Pictographic}/u.test(written) },
  ],
  [
    'a judge who is content with the instruction',
    'sees no trait where its instruction is repeated',
    { shows: (written) => /loud|shout/i.test(written) },
  ],
  [
    'a judge who looks for it behind the answer',
    'sees no trait where its instruction is repeated',
    { shows: (written) => /[^\n]\. .*loud/.test(written) },
  ],
])('%s is found', async (_, name, changes) => {
  expect(await fails(suite(changes), name)).toBe(true);
});
