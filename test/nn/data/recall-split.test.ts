import {
  contentOrder,
  datasetFingerprint,
  datasetsToLoad,
  recallSplit,
  splitDatasets,
  splitDocument,
} from '../../../nn/data/index.js';

const records = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ text: `${name} number ${i}` }));
const a = { name: 'a', records: records('a', 60) };
const b = { name: 'b', records: records('b', 60) };

function recorded(...sets: (typeof a)[]) {
  const splits = splitDatasets(sets, { heldoutFraction: 0.3 });
  const datasets = sets.map((set, i) => ({
    ...{
      name: set.name,
      category: 'language',
      synthetic: true,
      fingerprint: datasetFingerprint(set.records),
    },
    records: { train: splits[i]!.train.length, held_out: splits[i]!.heldout.length, duplicates: 0 },
  }));
  const split = { method: 'content-hash' as const, holdout_fraction: 0.3, answer_only: true, items: '' };
  return { splits, facts: { seed: 1, datasets, split }, document: splitDocument(splits) };
}

test('the sides of the training, whatever the order and number of datasets that are wanted', () => {
  const { splits, facts, document } = recorded(a, b);
  const { sides, locked, warnings } = recallSplit({ facts, document }, ['b', 'a'], [a, b]);
  expect(sides.map(({ name }) => name)).toEqual(['b', 'a']);
  expect(sides[0]!.heldout).toEqual(splits[1]!.heldout);
  expect(sides[1]!.train).toEqual(splits[0]!.train);
  expect([...locked].sort()).toEqual([...document.locked].sort());
  expect(warnings).toEqual([]);
});

test('of another dataset what repeats the training is on neither side', () => {
  const record = recorded(a);
  const other = { name: 'other', records: [a.records[3]!, ...records('other', 40)] };
  const [side] = recallSplit(record, ['other'], [a, other]).sides;
  expect([...side!.train, ...side!.heldout].map(({ text }) => text)).not.toContain('a number 3');
  expect(side!.train.length + side!.heldout.length).toBe(40);
});

test('other data than then is told, and nothing that is new counts as held out', () => {
  const { facts, document, splits } = recorded(a);
  const changed = { name: 'a', records: [...a.records, ...records('new', 30)] };
  const { sides, warnings } = recallSplit({ facts, document }, ['a'], [changed]);
  expect(warnings).toEqual([expect.stringContaining('a is not what the models were trained on')]);
  expect(sides[0]!.heldout).toEqual(splits[0]!.heldout);
});

test('other datasets need those of the training, as far as they are at hand', () => {
  const { facts } = recorded(a, b);
  expect(datasetsToLoad(facts, ['b'], ['a', 'b', 'c'])).toEqual(['b']);
  expect(datasetsToLoad(facts, ['c'], ['b', 'c'])).toEqual(['b', 'c']);
  expect(datasetsToLoad(facts, ['c', 'a'], ['c'])).toEqual(['a', 'c']);
});

test('an order of content does not depend on where things stood', () => {
  const items = records('x', 20).map(({ text }) => text);
  const ordered = contentOrder(items, (text) => text);
  expect(contentOrder([...items].reverse(), (text) => text)).toEqual(ordered);
  expect(ordered).not.toEqual(items);
  expect([...ordered].sort()).toEqual([...items].sort());
});

test('the document says what is held out of all, the training and what came later', () => {
  const { facts, document } = recorded(a);
  const { document: joined, fresh, sides } = recallSplit({ facts, document }, ['a', 'b'], [a, b]);
  expect(fresh.map(({ name }) => name)).toEqual(['b']);
  expect(joined.datasets['a']).toEqual(document.datasets['a']);
  expect(joined.datasets['b']!.held_out).toHaveLength(sides[1]!.heldout.length);
  const again = recallSplit(recordOf(facts, joined), ['b'], [a, b]);
  expect(again.fresh).toEqual([]);
  expect(again.sides[0]!.heldout).toEqual(sides[1]!.heldout);
});

function recordOf(facts: ReturnType<typeof recorded>['facts'], document: ReturnType<typeof splitDocument>) {
  const added = { ...facts.datasets[0]!, name: 'b', fingerprint: datasetFingerprint(b.records) };
  return { facts: { ...facts, datasets: [...facts.datasets, added] }, document };
}
