import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import {
  candidatesOf,
  halves,
  whatFits,
  type Candidate,
} from '../../../../plugins/phases/evomerge/candidates.js';

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

/** A token per character. @param decoded what it makes of a character when it writes */
function characters(decoded: (character: string) => string): Tokenizer {
  return {
    vocabularySize: 128,
    special: { pad: null, bos: 0, eos: 1, unk: null, mask: null },
    encode: (text) => Array.from(text, (character) => character.charCodeAt(0)),
    decode: (ids) => Array.from(ids, (id) => decoded(String.fromCharCode(id))).join(''),
    serialize: () => '',
  };
}

test.each([
  ['after the mark', (character: string) => character, 1 + 2 + 6],
  ['of the output, for a tokenizer that does not give the mark back', () => '?', 1 + 2],
])('an answer begins %s', (_, decoded, start) => {
  const record = { text: 'q:why ## 7', input: 'q:', output: 'why ##7' };
  const split = { name: 'a', given: 1, train: [], heldout: [record], heldoutKeys: ['k'] };
  const [candidate] = candidatesOf(
    { ...split, duplicates: 0, instructed: 0, parts: [] },
    characters(decoded),
    { answerOnly: true, mark: '##' },
  );
  expect(candidate!.document.answerStart).toBe(start);
});
