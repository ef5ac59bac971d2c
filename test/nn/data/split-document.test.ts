import fc from 'fast-check';
import type { DataRecord } from '../../../core/contracts/dataset.js';
import {
  applySplit,
  datasetFingerprint,
  lockedGroups,
  splitDatasets,
  splitDocument,
  type SplitDocument,
} from '../../../nn/data/index.js';

const text = (content: string): DataRecord => ({ text: content });
const question = (input: string, output: string): DataRecord => ({ text: input + output, input, output });
const throughJson = (document: SplitDocument): SplitDocument =>
  JSON.parse(JSON.stringify(document)) as SplitDocument;

const words = fc.array(fc.constantFrom('fox', 'hen', 'saw', 'the', 'a', 'ran'), {
  minLength: 1,
  maxLength: 60,
});
const record = fc.oneof(
  words.map((list) => text(list.join(' '))),
  fc.tuple(words, words).map(([input, output]) => question(`${input.join(' ')}?`, ` ${output.join(' ')}`)),
);
const datasets = fc
  .array(fc.array(record, { maxLength: 30 }), { minLength: 1, maxLength: 3 })
  .map((all) => all.map((records, i) => ({ name: `set-${i}`, records })));

test('a stored split gives every record back on its side, cut texts and duplicates too', () => {
  fc.assert(
    fc.property(datasets, fc.constantFrom(0.05, 0.1, 0.5), (sets, heldoutFraction) => {
      const splits = splitDatasets(sets, { heldoutFraction });
      const again = applySplit(throughJson(splitDocument(splits)), sets);
      const sides = splits.map(({ name, train, heldout, heldoutKeys }) => ({
        name,
        train,
        heldout,
        heldoutKeys,
      }));
      expect(again).toEqual(sides);
    }),
    { seed: 4, numRuns: 300 },
  );
});

test('a text that was cut keeps its parts', () => {
  const story = Array.from({ length: 40 }, (_, i) => `The fox saw ${i} hens.`).join(' ');
  const sets = [{ name: 'a', records: [text(story)] }];
  const document = splitDocument(splitDatasets(sets));
  expect(document.datasets['a']!.parts.map(({ side }) => side)).toEqual(['train', 'held out', 'held out']);
  const [again] = applySplit(document, sets);
  expect([...again!.train, ...again!.heldout].map((part) => part.text).join(' ')).toBe(story);
});

test('one dataset alone has the held-out records it had among others; what is new is trained on', () => {
  const numbers = (from: number): DataRecord[] =>
    Array.from({ length: 80 }, (_, i) => text(`number ${from + i}`));
  const sets = [
    { name: 'a', records: numbers(0) },
    { name: 'b', records: numbers(80) },
  ];
  const splits = splitDatasets(sets, { heldoutFraction: 0.2 });
  const grown = { name: 'b', records: [...sets[1]!.records, text('a newcomer')] };
  const [alone] = applySplit(splitDocument(splits), [grown]);
  expect(alone!.heldout).toEqual(splits[1]!.heldout);
  expect(alone!.train).toEqual([...splits[1]!.train, text('a newcomer')]);
});

test('two groups or more are locked and free, about half of many, and a group is never cut', () => {
  expect(lockedGroups([]).size).toBe(0);
  for (let count = 2; count < 12; count++) {
    const keys = Array.from({ length: 2 * count }, (_, i) => `k${count} ${i % count}`);
    const locked = lockedGroups(keys);
    expect(locked.size).toBeGreaterThan(0);
    expect(locked.size).toBeLessThan(count);
    expect(lockedGroups([...keys].reverse())).toEqual(locked);
  }
  const many = lockedGroups(Array.from({ length: 1000 }, (_, i) => String(i))).size;
  expect(Math.abs(many - 500)).toBeLessThan(60);
});

test('a fingerprint sees texts, their order, and where a question ends', () => {
  const [a, b] = [question('a b', ' c'), text('d')];
  const one = datasetFingerprint([a, b]);
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(datasetFingerprint([{ ...a }, { ...b }])).toBe(one);
  expect(datasetFingerprint([b, a])).not.toBe(one);
  expect(datasetFingerprint([question('a', ' b c'), b])).not.toBe(one);
  expect(datasetFingerprint([text('a b c'), b])).not.toBe(one);
});
