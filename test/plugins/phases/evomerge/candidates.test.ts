import { halves, whatFits, type Candidate } from '../../../../plugins/phases/evomerge/candidates.js';

function candidate(key: string, tokens: number, answerStart: number | null = null): Candidate {
  const question = answerStart !== null;
  return {
    dataset: 'a',
    key,
    record: question ? { text: 'qa', input: 'q', output: 'a' } : { text: key },
    document: {
      ids: Int32Array.from({ length: tokens }, (_, i) => i),
      lossMask: new Uint8Array(tokens).fill(1),
      answerStart,
    },
  };
}

test('two groups or more are on both halves, and a group is never cut', () => {
  for (let count = 2; count < 12; count++) {
    const all = Array.from({ length: 2 * count }, (_, i) => candidate(`k${count} ${i % count}`, 4));
    const [locked, free] = halves(all);
    expect(locked.length).toBeGreaterThan(0);
    expect(free.length).toBeGreaterThan(0);
    const keys = new Set(locked.map(({ key }) => key));
    expect(free.filter(({ key }) => keys.has(key))).toEqual([]);
  }
});

test('long documents are left out where others fit, and cut where too few do', () => {
  const [long, short, other] = [candidate('x', 20), candidate('y', 5), candidate('z', 5)];
  expect(whatFits([long, short, other], ['a'], 8).fitting).toEqual([short, other]);
  const { fitting, warnings } = whatFits([candidate('q', 20, 18), long], ['a'], 8);
  expect(fitting.map(({ document }) => [document.ids[0], document.ids.length, document.answerStart])).toEqual(
    [
      [12, 8, 6],
      [0, 8, null],
    ],
  );
  expect(warnings).toHaveLength(1);
});
