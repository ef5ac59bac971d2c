import fc from 'fast-check';
import type { DataRecord } from '../../../core/contracts/dataset.js';
import {
  contentHash,
  cutByPosition,
  hashFraction,
  normaliseText,
  splitDatasets,
} from '../../../nn/data/index.js';

const text = (value: string): DataRecord => ({ text: value });
const question = (input: string, output: string): DataRecord => ({ text: input + output, input, output });

describe('contentHash', () => {
  it('is stable and blind to case, white space and Unicode form', () => {
    expect(contentHash('The cat')).toBe(contentHash('  the\n CAT '));
    expect(contentHash('caf\u00e9')).toBe(contentHash('cafe\u0301'));
    expect(contentHash('the cat')).not.toBe(contentHash('the hat'));
    expect(normaliseText(' A\t\tb \n')).toBe('a b');
    // sha256('the cat'), first 128 bits, by sha256sum
    expect(contentHash('the cat')).toBe('70a48cc5ea382e9b5ffcc178db8239c9');
  });

  it('spreads fractions evenly over [0, 1)', () => {
    const fractions = Array.from({ length: 4000 }, (_, i) => hashFraction(contentHash(`record ${i}`)));
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...fractions)).toBeLessThan(1);
    const mean = fractions.reduce((a, b) => a + b, 0) / fractions.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
  });
});

describe('splitDatasets', () => {
  const named = (...datasets: readonly (readonly DataRecord[])[]) =>
    datasets.map((records, i) => ({ name: `set ${i}`, records }));
  const numbered = (count: number): DataRecord[] =>
    Array.from({ length: count }, (_, i) => text(`story ${i}`));

  it('holds out about the share asked for', () => {
    const [split] = splitDatasets([{ name: 'a', records: numbered(5000) }], { heldoutFraction: 0.1 });
    expect(split!.train.length + split!.heldout.length).toBe(5000);
    expect(split!.heldout.length / 5000).toBeGreaterThan(0.085);
    expect(split!.heldout.length / 5000).toBeLessThan(0.115);
  });

  it('gives the same sides whatever the order of records', () => {
    const [forward] = splitDatasets([{ name: 'a', records: numbered(300) }]);
    const [backward] = splitDatasets([{ name: 'a', records: numbered(300).reverse() }]);
    expect(new Set(backward!.heldout)).toEqual(new Set(forward!.heldout));
  });

  it('removes duplicates within and across datasets', () => {
    const [a, b] = splitDatasets([
      { name: 'a', records: [text('one'), text('two'), text('ONE ')] },
      { name: 'b', records: [text('two'), text('three')] },
    ]);
    expect(a!.duplicates).toBe(1);
    expect(b!.duplicates).toBe(1);
    expect([...b!.train, ...b!.heldout]).toEqual([text('three')]);
  });

  const word = fc.constantFrom('red', 'blue', 'green', 'tall', 'small', 'old');
  const mixed = fc.array(
    fc.oneof(
      word.map(text),
      fc.tuple(word, word).map(([input, output]) => question(`${input}?`, output)),
      fc.tuple(word, word).map(([group, value]) => ({ text: `${group} ${value}`, metadata: { group } })),
    ),
    { maxLength: 30 },
  );
  const shares = fc.constantFrom(0.1, 0.5, 0.9);

  it('never puts equal groups or texts on both sides, in any dataset', () => {
    fc.assert(
      fc.property(mixed, mixed, shares, (first, second, heldoutFraction) => {
        const splits = splitDatasets(named(first, second), { heldoutFraction });
        const keys = (side: 'train' | 'heldout'): string[] =>
          splits.flatMap((split) =>
            split[side].map((r) => normaliseText(String(r.metadata?.['group'] ?? r.text))),
          );
        const heldout = new Set(keys('heldout'));
        expect(keys('train').filter((key) => heldout.has(key))).toEqual([]);
        for (const split of splits) expect(split.heldoutKeys).toHaveLength(split.heldout.length);
      }),
      { seed: 1 },
    );
  });

  it('never puts a question on both sides that has up to eight answers in a dataset of many', () => {
    const others = Array.from({ length: 20 }, (_, i) => question(`what is ${i}?`, ` ${i}`));
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 2, max: 8 }), { maxLength: 4 }),
        shares,
        (answers, heldoutFraction) => {
          const asked = answers.flatMap((count, i) =>
            Array.from({ length: count }, (_, k) => question(`why ${i}?`, ` because ${k}`)),
          );
          const [split] = splitDatasets(named([...others, ...asked]), { heldoutFraction });
          const inputs = new Set(split!.heldout.map(({ input }) => input));
          expect(split!.train.filter(({ input }) => inputs.has(input))).toEqual([]);
          expect(split!.instructed).toBe(0);
        },
      ),
      { seed: 2 },
    );
  });

  it.each(['Answer', 'Reply', 'Write a story', 'Go on'])(
    'splits records one by one that all have the instruction %j',
    (instruction) => {
      const records = Array.from({ length: 200 }, (_, i) => question(instruction, ` Story number ${i}`));
      const arithmetic = Array.from({ length: 50 }, (_, i) => question(`${i} + 1 =`, ` ${i + 1}`));
      const [split, other] = splitDatasets(named(records, arithmetic));
      expect(split!.train.length + split!.heldout.length).toBe(200);
      expect(split!.heldout.length).toBeGreaterThan(8);
      expect(split!.heldout.length).toBeLessThan(40);
      expect(split).toMatchObject({ instructed: 200, duplicates: 0, parts: [] });
      expect(other!.instructed).toBe(0);
      expect(new Set(split!.heldoutKeys).size).toBe(split!.heldout.length);
    },
  );

  it('splits ten equal questions with ten answers, and leaves out ten equal records but one', () => {
    const [asked] = splitDatasets(named(Array.from({ length: 10 }, (_, i) => question('Why?', ` ${i}`))));
    expect(asked!.train.length).toBeGreaterThan(0);
    expect(asked!.heldout.length).toBeGreaterThan(1);
    const [equal] = splitDatasets(named(Array.from({ length: 10 }, () => question('Why?', ' so'))));
    expect(equal).toMatchObject({ train: [question('Why?', ' so')], heldout: [], duplicates: 9 });
  });

  it('gives both sides to a small dataset, and none to a single record', () => {
    for (let size = 2; size < 12; size++) {
      const [split] = splitDatasets([{ name: 'a', records: numbered(size) }], { heldoutFraction: 0.1 });
      expect(split!.train.length).toBeGreaterThan(0);
      expect(split!.heldout.length).toBeGreaterThan(0);
    }
    for (const name of 'abcdefgh') {
      const [one] = splitDatasets(named([text(name)]), { heldoutFraction: 0.5 });
      expect(one).toMatchObject({ train: [text(name)], heldout: [], parts: [] });
    }
    const [none] = splitDatasets([{ name: 'a', records: numbered(20) }], { heldoutFraction: 0 });
    expect(none!.heldout).toEqual([]);
  });

  it('refuses a share that leaves nothing to train on', () => {
    expect(() => splitDatasets([], { heldoutFraction: 1 })).toThrow(RangeError);
    expect(() => splitDatasets([], { heldoutFraction: -0.1 })).toThrow(RangeError);
  });

  it('cuts a dataset that is one text by position: the end is held out, in two parts', () => {
    const story = Array.from({ length: 40 }, (_, i) => `The fox saw ${i} hens.`).join(' ');
    const [split] = splitDatasets(named(Array.from({ length: 100 }, () => text(story))));
    expect(split).toMatchObject({ duplicates: 99 });
    expect(split!.train).toHaveLength(1);
    expect(split!.heldout).toHaveLength(2);
    expect([...split!.train, ...split!.heldout].map((part) => part.text).join(' ')).toBe(story);
    const heldOut = split!.heldout.reduce((sum, part) => sum + part.text.length, 0);
    expect(heldOut / story.length).toBeGreaterThan(0.08);
    expect(heldOut / story.length).toBeLessThan(0.15);
  });

  it('holds out two groups where it can, over all datasets', () => {
    const [few] = splitDatasets(named(numbered(3)), { heldoutFraction: 0.01 });
    expect([few!.train.length, few!.heldout.length]).toEqual([1, 2]);
    const long = (word: string): DataRecord =>
      text(Array.from({ length: 20 }, (_, i) => `${word} ${i}`).join(' '));
    const [two] = splitDatasets(named([long('fox'), long('hen')]), { heldoutFraction: 0.1 });
    expect([two!.train.length, two!.heldout.length, two!.parts.length]).toEqual([1, 2, 2]);
  });

  it('leaves out nothing but duplicates, and always leaves something to train on', () => {
    fc.assert(
      fc.property(mixed, mixed, shares, (first, second, heldoutFraction) => {
        const splits = splitDatasets(named(first, second), { heldoutFraction });
        const total = (side: 'train' | 'heldout'): number =>
          splits.reduce((sum, split) => sum + split[side].length, 0);
        const kept = total('train') + total('heldout');
        const left = splits.reduce((sum, split) => sum + split.duplicates, 0);
        const cut = splits.some((split) => split.parts.length > 0);
        if (!cut) expect(kept + left).toBe(first.length + second.length);
        if (kept > 0) expect(total('train')).toBeGreaterThan(0);
      }),
      { seed: 3 },
    );
  });
});

describe('cutByPosition', () => {
  it('gives different parts that make up the text, or says that there are none', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 400 }),
      fc
        .array(fc.constantFrom('a', 'word ', 'line\n', '\n\n', '\ud83d\ude00', ' '), { maxLength: 400 })
        .map((parts) => parts.join('')),
      fc.nat({ max: 9000 }).map((length) => Array.from({ length }, (_, i) => i).join(' ')),
    );
    const bare = (value: string): string => value.replace(/\s+/g, '');
    fc.assert(
      fc.property(anyText, fc.constantFrom(0.01, 0.1, 0.5), (value, share) => {
        const cut = cutByPosition(value, share);
        if (cut === null) return;
        const parts = [cut.train, ...cut.heldout];
        expect(new Set(parts.map(contentHash)).size).toBe(parts.length);
        expect(cut.heldout.length).toBeGreaterThan(1);
        for (const part of parts) expect(part.trim()).not.toBe('');
        expect(bare(value)).toContain(bare(cut.train));
        expect(bare(value).endsWith(bare(cut.heldout.at(-1)!))).toBe(true);
      }),
      { seed: 4 },
    );
    expect(cutByPosition('too short', 0.1)).toBeNull();
    expect(cutByPosition(' '.repeat(500), 0.1)).toBeNull();
  });
});

test('what a dataset keeps for measuring is held out, with all that is tied to it', () => {
  const records = Array.from({ length: 40 }, (_, i) => ({
    text: `question ${i}`,
    metadata: { group: `g${i % 20}`, ...(i === 3 || i === 8 ? { held_out: true } : {}) },
  }));
  const [split] = splitDatasets([{ name: 'a', records }], { heldoutFraction: 0.01 });
  const held = split!.heldout.map(({ text }) => text);
  expect(held).toEqual(expect.arrayContaining(['question 3', 'question 23', 'question 8', 'question 28']));
  expect(split!.train.length + held.length).toBe(40);
});
