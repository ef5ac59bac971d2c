import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import {
  candidatesOf,
  whatFits,
  type Candidate,
} from '../../../../plugins/phases/shared/evaluation/candidates.js';

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

test('long documents are left out where others fit, and cut where too few do', () => {
  const [long, short, other] = [candidate('x', 20), candidate('y', 5), candidate('z', 5)];
  expect(whatFits([long, short, other], { names: ['a'], locked: new Set(['y']), length: 8 }).fitting).toEqual(
    [short, other],
  );
  const { fitting, warnings } = whatFits([candidate('q', 20, 18), long], {
    names: ['a'],
    locked: new Set(['q']),
    length: 8,
  });
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
  ['after the mark', (character: string) => character, '##', 1 + 2 + 6],
  ['with the output, for a tokenizer that does not give the mark back', () => '?', '##', 1 + 2],
  ['with the output, where no mark is asked for', (character: string) => character, null, 1 + 2],
])('an answer begins %s', (_, decoded, mark, start) => {
  const record = { text: 'q:why ## 7', input: 'q:', output: 'why ##7' };
  const sides = { name: 'a', train: [], heldout: [record], heldoutKeys: ['k'] };
  const [candidate] = candidatesOf(sides, characters(decoded), { answerOnly: true, mark });
  expect(candidate!.document.answerStart).toBe(start);
});
