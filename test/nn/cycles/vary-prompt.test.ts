import fc from 'fast-check';
import { mutate, promptKey, recombine, wordsOf } from '../../../nn/cycles/index.js';
import { stream } from '../../../nn/random/index.js';

const TEXT = 'Be brief. Show the sum.';
const FRAGMENTS = ['Say why.'];

/** Everything that comes of many seeds. */
const all = (make: (seed: number) => string | null): ReadonlySet<string | null> =>
  new Set(Array.from({ length: 300 }, (_, seed) => make(seed)));
const mutations = (text: string, fragments: readonly string[], mostWords = 40) =>
  all((seed) => mutate(text, stream(seed, 'mutate'), { fragments, mostWords }));
const children = (a: string, b: string, mostWords = 40) =>
  all((seed) => recombine(a, b, stream(seed, 'recombine'), { mostWords }));

describe('words of a text', () => {
  test('by hand: no case, no punctuation, apostrophes and hyphens within', () => {
    expect(wordsOf('Don\u2019t  say "two-fold", 3 + 4!')).toEqual([
      'don\u2019t',
      'say',
      'two-fold',
      '3',
      '4',
    ]);
    expect(promptKey('Be BRIEF.')).toBe(promptKey('  be brief'));
    expect(wordsOf(' ... ')).toEqual([]);
  });
});

describe('a mutation', () => {
  test('by hand: all that one sentence can do', () => {
    expect(mutations(TEXT, FRAGMENTS)).toEqual(
      new Set([
        ...['Say why. Be brief. Show the sum.', 'Be brief. Say why. Show the sum.'],
        ...['Be brief. Show the sum. Say why.', 'Be brief.', 'Show the sum.'],
        ...['Say why. Show the sum.', 'Be brief. Say why.', 'Show the sum. Be brief.'],
      ]),
    );
  });

  test('stays within its words', () => {
    // Five words: nothing can be put in, and what takes a place must be as short.
    const within = mutations(TEXT, FRAGMENTS, 5);
    expect(within).toEqual(
      new Set([
        'Be brief.',
        'Show the sum.',
        'Say why. Show the sum.',
        'Be brief. Say why.',
        'Show the sum. Be brief.',
      ]),
    );
  });

  test('says nothing twice, and gives a sentence its mark when another follows', () => {
    expect(mutations('Be brief', ['be brief!', 'Say why'])).toEqual(
      new Set(['Be brief. Say why', 'Say why. Be brief', 'Say why']),
    );
  });

  test('is none where nothing can be changed', () => {
    expect(mutations('Be brief.', [])).toEqual(new Set([null]));
    expect(mutations('Be brief.', ['BE BRIEF'])).toEqual(new Set([null]));
  });

  test.each(['two\nlines', '', '\u0007bell', '...'])('with the fragment %j is refused', (fragment) => {
    expect(() => mutate(TEXT, stream(1, 'm'), { fragments: ['Fine.', fragment], mostWords: 9 })).toThrow(
      RangeError,
    );
  });
});

describe('a recombination', () => {
  test('by hand: beginnings of one and ends of the other', () => {
    expect(children('A one. A two.', 'B one. B two.')).toEqual(
      new Set([
        ...['A one. B one. B two.', 'A one. B two.'],
        ...['A one. A two. B one. B two.', 'A one. A two. B two.'],
      ]),
    );
    expect(children('A one. A two.', 'B one. B two.', 5)).toEqual(new Set(['A one. B two.']));
  });

  test('of two sentences is both of them, and of equal ones nothing', () => {
    expect(children('Be brief', 'Say why')).toEqual(new Set(['Be brief. Say why']));
    expect(children('Be brief.', 'be brief')).toEqual(new Set([null]));
    expect(children('A. B.', 'B.')).toEqual(new Set([null]));
  });
});

const sentence = fc
  .array(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 4 })
  .map((words) => `${words.join(' ')}.`);
const text = fc.array(sentence, { minLength: 1, maxLength: 4 }).map((sentences) => sentences.join(' '));

test('whatever comes of it is one printable line within its words, new, and the same for the same stream', () => {
  fc.assert(
    fc.property(
      text,
      text,
      fc.array(sentence),
      fc.integer({ min: 1, max: 12 }),
      fc.nat(),
      (a, b, fragments, most, seed) => {
        const settings = { fragments, mostWords: most };
        const made = mutate(a, stream(seed, 'x'), settings);
        expect(mutate(a, stream(seed, 'x'), settings)).toBe(made);
        const child = recombine(a, b, stream(seed, 'x'), settings);
        for (const one of [made, child]) {
          if (one === null) continue;
          expect(one).toMatch(/^[a-z. ]+$/);
          expect(wordsOf(one).length).toBeGreaterThan(0);
          expect(wordsOf(one).length).toBeLessThanOrEqual(most);
          expect(promptKey(one)).not.toBe(promptKey(a));
        }
        if (child !== null) expect(promptKey(child)).not.toBe(promptKey(b));
      },
    ),
  );
});
