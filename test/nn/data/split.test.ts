import fc from 'fast-check';
import type { DataRecord } from '../../../contracts/dataset.js';
import { contentHash, hashFraction, normaliseText, splitDatasets } from '../../../nn/data/index.js';

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

  it('never puts equal questions, groups or texts on both sides', () => {
    const word = fc.constantFrom('red', 'blue', 'green', 'tall', 'small', 'old');
    const records = fc.array(
      fc.oneof(
        word.map(text),
        fc.tuple(word, word).map(([input, output]) => question(`${input}?`, output)),
        fc.tuple(word, word).map(([group, value]) => ({ text: `${group} ${value}`, metadata: { group } })),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(records, records, fc.constantFrom(0.1, 0.5, 0.9), (first, second, heldoutFraction) => {
        const splits = splitDatasets(
          [
            { name: 'a', records: first },
            { name: 'b', records: second },
          ],
          { heldoutFraction },
        );
        const keys = (side: 'train' | 'heldout'): string[] =>
          splits.flatMap((split) =>
            split[side].map((r) => normaliseText(String(r.metadata?.['group'] ?? r.input ?? r.text))),
          );
        const heldout = new Set(keys('heldout'));
        expect(keys('train').filter((key) => heldout.has(key))).toEqual([]);
      }),
    );
  });

  it('gives both sides to a small dataset, and none to a single record', () => {
    for (let size = 2; size < 12; size++) {
      const [split] = splitDatasets([{ name: 'a', records: numbered(size) }], { heldoutFraction: 0.1 });
      expect(split!.train.length).toBeGreaterThan(0);
      expect(split!.heldout.length).toBeGreaterThan(0);
    }
    const [one] = splitDatasets([{ name: 'a', records: numbered(1) }]);
    expect(one!.train.length + one!.heldout.length).toBe(1);
    const [none] = splitDatasets([{ name: 'a', records: numbered(20) }], { heldoutFraction: 0 });
    expect(none!.heldout).toEqual([]);
  });

  it('refuses a share that leaves nothing to train on', () => {
    expect(() => splitDatasets([], { heldoutFraction: 1 })).toThrow(RangeError);
    expect(() => splitDatasets([], { heldoutFraction: -0.1 })).toThrow(RangeError);
  });
});
