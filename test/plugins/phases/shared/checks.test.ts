import type { DataFacts } from '../../../../core/contracts/data-facts.js';
import { originWarnings } from '../../../../plugins/phases/shared/data/checks.js';

const facts = (items: string): DataFacts => ({
  seed: 1,
  datasets: [],
  split: { method: 'content-hash', holdout_fraction: 0.1, answer_only: true, items },
});

test('held-out losses of a model that is gone on from are only trusted where the split is the same', () => {
  expect(originWarnings(facts('a'), facts('a'))).toEqual([]);
  expect(originWarnings(facts('a'), facts('b'))).toEqual([expect.stringMatching(/split otherwise/)]);
  expect(originWarnings(null, facts('b'))).toEqual([expect.stringMatching(/Nobody recorded/)]);
});
