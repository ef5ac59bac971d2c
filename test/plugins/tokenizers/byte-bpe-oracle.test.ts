import { readFileSync } from 'node:fs';
import { TOKENIZER } from '../../../core/contracts/tokenizer.js';
import { JsonReader } from '../../../plugins/tokenizers/byte-bpe/json-reader.js';
import { readPreTokenizer } from '../../../plugins/tokenizers/byte-bpe/pre-tokenizer.js';
import { trainBpe } from '../../../plugins/tokenizers/byte-bpe/trainer.js';
import { byteBpe } from '../../../plugins/tokenizers/index.js';
import { implementationOf } from '../../../testing/implementation.js';
import { oracles, realData } from '../../support/oracles.js';

interface Case {
  readonly text: string;
  readonly ids: readonly number[];
  readonly decoded: string;
}

const folder = oracles('tokenizers');
const gsm8k = realData('gsm8k');

folder.describe('byte-bpe against Hugging Face tokenizers', () => {
  const json = (): string => readFileSync(folder.path('tokenizer.json'), 'utf8');

  it('encodes and decodes every text as the reference does', async () => {
    const kind = await implementationOf(TOKENIZER, byteBpe());
    const tokenizer = kind.load(json());
    const cases = JSON.parse(readFileSync(folder.path('cases.json'), 'utf8')) as readonly Case[];
    expect(cases.length).toBe(58);
    for (const { text, ids, decoded } of cases) {
      expect({ text, ids: tokenizer.encode(text) }).toEqual({ text, ids });
      expect(tokenizer.decode(ids)).toBe(decoded);
    }
    expect(tokenizer.vocabularySize).toBe(1024);
    expect(tokenizer.special).toEqual({ pad: 0, eos: 1, bos: 2, unk: 3, mask: null });
  });

  /** The reference was trained on the first 2,000 questions and answers of GSM8K. */
  gsm8k.describe('training', () => {
    it('learns the very merges the reference learnt from the same text', async () => {
      const cut = readPreTokenizer(JsonReader.parse(json(), 'tokenizer.json').field('pre_tokenizer'));
      const words = new Map<string, number>();
      const lines = readFileSync(gsm8k.path('train.jsonl'), 'utf8').split('\n').slice(0, 2000);
      for (const line of lines) {
        const { question, answer } = JSON.parse(line) as { question: string; answer: string };
        for (const piece of [...cut(question), ...cut(answer)]) words.set(piece, (words.get(piece) ?? 0) + 1);
      }
      const reference = (JSON.parse(json()) as { model: { merges: string[][] } }).model.merges;
      const { tokens, merges } = await trainBpe(words, { size: 256 + reference.length, minFrequency: 2 });
      expect(merges.map((merge) => [tokens[merge.left], tokens[merge.right]])).toEqual(reference);
    });
  });
});
