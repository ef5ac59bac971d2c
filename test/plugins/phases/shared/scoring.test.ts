import type { Dataset } from '../../../../core/contracts/dataset.js';
import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import type { EvaluationSet } from '../../../../nn/evaluation/index.js';
import type { SplitData } from '../../../../plugins/phases/shared/data/split.js';
import { scoringData } from '../../../../plugins/phases/shared/evaluation/scoring.js';

const letters: Tokenizer = {
  vocabularySize: 128,
  special: { pad: 0, bos: 1, eos: 2, unk: null, mask: null },
  encode: (text) => Array.from(text, (character) => character.charCodeAt(0)),
  decode: (ids) => Array.from(ids, (id) => String.fromCharCode(id)).join(''),
  serialize: () => '',
};

const FREE = ['aaaa', 'bbbb', 'cccc'];
const LOCKED = ['xxxx', 'yyyy', 'zzzz'];

/** Everything held out, some of it locked. */
function split(): SplitData {
  const texts = [...FREE, ...LOCKED];
  const heldout = texts.map((text) => ({ text: `${text}?!`, input: text, output: '?!' }));
  const dataset = { category: 'math', synthetic: true, grade: () => true } as unknown as Dataset;
  return {
    sets: [{ name: 'own', dataset, train: [], heldout, heldoutKeys: texts }],
    locked: new Set(LOCKED),
    facts: { split: { answer_only: true } },
    warnings: [],
  } as unknown as SplitData;
}

/** The letters that stand in a set. */
const lettersIn = ({ batches }: EvaluationSet): string[] =>
  [...new Set(batches.flatMap(({ ids }) => Array.from(ids, (id) => String.fromCharCode(id))))]
    .filter((letter) => /[a-z]/.test(letter))
    .sort();

test('models are chosen by free documents alone, and reported on and asked by locked ones alone', () => {
  const options = { datasets: null, selection: 1000, holdout: 1000, rows: 2, length: 16, answerMark: '####' };
  const { selection, holdout, questions } = scoringData(split(), letters, options, 'here');
  expect(lettersIn(selection)).toEqual(['a', 'b', 'c']);
  expect(lettersIn(holdout)).toEqual(['x', 'y', 'z']);
  expect(questions.map(({ record }) => record.input).sort()).toEqual(LOCKED);
});
