import fc from 'fast-check';
import {
  offspring,
  promptKey,
  seedBank,
  withEffect,
  wordsOf,
  type Prompt,
  type PromptBank,
} from '../../../nn/cycles/index.js';
import { stream } from '../../../nn/random/index.js';

const own = (text: string): Prompt => ({ text, origin: 'own', parents: [] });
const textsOf = ({ prompts }: PromptBank): string[] => prompts.map(({ text }) => text);

describe('a bank of prompts', () => {
  const bank = seedBank(['Be brief.', 'Show the sum.', 'be BRIEF'], { size: 3 });

  test('begins with texts that nothing is known of, of the same words the first', () => {
    expect(textsOf(bank)).toEqual(['Be brief.', 'Show the sum.']);
    expect(bank.prompts[0]).toEqual({
      ...{ text: 'Be brief.', origin: 'seed', parents: [], effect: null, measurements: 0 },
    });
  });

  test('by hand: the best first, what was never measured as 0', () => {
    const worse = withEffect(bank, own('Be brief'), -0.1);
    expect(textsOf(worse)).toEqual(['Show the sum.', 'Be brief.']);
    expect(textsOf(withEffect(worse, own('Say why.'), 0.2))).toEqual([
      'Say why.',
      'Show the sum.',
      'Be brief.',
    ]);
  });

  test('by hand: .3 and .1 of the same text are .2', () => {
    const twice = withEffect(withEffect(bank, own('Show the sum!'), 0.3), own('show the sum'), 0.1);
    const { effect, ...rest } = twice.prompts[0]!;
    expect(effect).toBeCloseTo(0.2, 12);
    // It stays what it was, however it was written when it was measured.
    expect(rest).toEqual({ text: 'Show the sum.', origin: 'seed', parents: [], measurements: 2 });
    expect(bank.prompts[1]!.measurements).toBe(0);
  });

  test('drops what is worst, of equal ones the newer, and remembers it', () => {
    const full = withEffect(bank, own('Say why.'), 0.2);
    const same = withEffect(full, own('Count twice.'), 0);
    expect(textsOf(same)).toEqual(['Say why.', 'Be brief.', 'Show the sum.']);
    expect(same.dropped).toEqual(['count twice']);
    const better = withEffect(same, own('Count twice.'), 0.3);
    expect(textsOf(better)).toEqual(['Count twice.', 'Say why.', 'Be brief.']);
    expect(better.dropped).toEqual(['show the sum']);
  });

  test.each([
    ['two\nlines', /one printable line/],
    ['a\u0000b', /one printable line/],
    ['one two three four five', /1 to 4 words/],
    ['!', /one printable line/],
  ])('refuses %j', (text, message) => {
    expect(() => seedBank([text], { mostWords: 4 })).toThrow(message);
    const small = seedBank(['Be brief.'], { mostWords: 4 });
    expect(() => withEffect(small, own(text), 1)).toThrow(RangeError);
  });

  test('refuses none, more than fit, and an effect that is no number', () => {
    expect(() => seedBank([])).toThrow(RangeError);
    expect(() => seedBank(['a b', 'c d'], { size: 1 })).toThrow(/2 different/);
    expect(() => withEffect(bank, own('Say why.'), Number.NaN)).toThrow(/NaN/);
  });
});

describe('offspring', () => {
  const bank = seedBank(['Be brief. Show the sum.', 'Think first. Say why.']);
  const fragments = ['Check it.', 'Use a tool.'];

  test('is made of the bank, and says of what', () => {
    const made = offspring(bank, stream(1, 'bank'), { count: 8, fragments });
    expect(made).toHaveLength(8);
    const origins = made.map(({ origin }) => origin);
    expect(new Set(origins)).toEqual(new Set(['mutated', 'recombined']));
    for (const { origin, parents, text } of made) {
      expect(parents).toHaveLength(origin === 'mutated' ? 1 : 2);
      for (const parent of parents) expect(textsOf(bank)).toContain(parent);
      expect(textsOf(bank)).not.toContain(text);
    }
  });

  test('of the share that is asked for', () => {
    const with_ = (recombined: number) =>
      offspring(bank, stream(2, 'bank'), { count: 6, fragments, recombined }).map(({ origin }) => origin);
    expect(new Set(with_(0))).toEqual(new Set(['mutated']));
    expect(new Set(with_(1))).toEqual(new Set(['recombined']));
  });

  test('is of the better ones more often: of three, 2/3 of tournaments are won by the best, none by the worst', () => {
    const three = [0.3, 0.2, 0.1].reduce(
      (all, effect, i) => withEffect(all, own(['Best one.', 'Next one.', 'Last one.'][i]!), effect),
      seedBank(['Best one.', 'Next one.', 'Last one.']),
    );
    const parents = Array.from({ length: 600 }, (_, seed) => {
      const [made] = offspring(three, stream(seed, 'bank'), { count: 1, fragments, recombined: 0 });
      return made!.parents[0]!;
    });
    const share = (text: string) => parents.filter((one) => one === text).length / parents.length;
    expect(Math.abs(share('Best one.') - 2 / 3)).toBeLessThan(0.06);
    expect(Math.abs(share('Next one.') - 1 / 3)).toBeLessThan(0.06);
    expect(share('Last one.')).toBe(0);
  });

  test('of one text is what it can become, not what was dropped or tried, and less where there is no more', () => {
    const one = { ...seedBank(['Be brief.']), dropped: [promptKey('Use a tool.')] };
    const made = offspring(one, stream(3, 'bank'), { count: 9, fragments, tried: ['Check it.'] });
    const rest = [
      'Be brief. Check it.',
      'Be brief. Use a tool.',
      'Check it. Be brief.',
      'Use a tool. Be brief.',
    ];
    expect(made.map(({ text }) => text).sort()).toEqual(rest);
    expect(offspring(one, stream(3, 'bank'), { count: 2, fragments: [] })).toEqual([]);
    expect(offspring(one, stream(3, 'bank'), { count: 0, fragments })).toEqual([]);
  });
});

test('evolution keeps a bank bounded, distinct, in order and the same for the same seed', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 4 });
  const texts = fc.array(
    words.map((one) => `${one.join(' ')}.`),
    { minLength: 1, maxLength: 5 },
  );
  const run = (seeds: readonly string[], fragments: readonly string[], seed: number): PromptBank => {
    let bank = seedBank(seeds, { size: 5, mostWords: 12 });
    for (let round = 0; round < 4; round++) {
      const random = stream(seed, 'evolve', round);
      for (const prompt of offspring(bank, random, { count: 3, fragments }))
        bank = JSON.parse(JSON.stringify(withEffect(bank, prompt, random.normal()))) as PromptBank;
    }
    return bank;
  };
  fc.assert(
    fc.property(texts, texts, fc.nat(), (seeds, fragments, seed) => {
      const bank = run(seeds, fragments, seed);
      expect(bank.prompts.length).toBeLessThanOrEqual(5);
      const keys = textsOf(bank).map(promptKey);
      expect(new Set([...keys, ...bank.dropped]).size).toBe(keys.length + bank.dropped.length);
      const effects = bank.prompts.map(({ effect }) => effect ?? 0);
      expect(effects).toEqual([...effects].sort((a, b) => b - a));
      for (const text of textsOf(bank)) {
        expect(text).toMatch(/^[a-z. ]+$/);
        expect(wordsOf(text).length).toBeLessThanOrEqual(12);
      }
      expect(run(seeds, fragments, seed)).toEqual(bank);
    }),
    { numRuns: 40 },
  );
});
