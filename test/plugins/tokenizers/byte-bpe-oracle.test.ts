import { readFileSync } from 'node:fs';
import { TOKENIZER } from '../../../contracts/tokenizer.js';
import { byteBpe } from '../../../plugins/tokenizers/index.js';
import { implementationOf } from '../../../testing/implementation.js';
import { oracles } from '../../support/oracles.js';

interface Case {
  readonly text: string;
  readonly ids: readonly number[];
  readonly decoded: string;
}

const folder = oracles('tokenizers');

folder.describe('byte-bpe against Hugging Face tokenizers', () => {
  it('encodes and decodes every text as the reference does', async () => {
    const kind = await implementationOf(TOKENIZER, byteBpe());
    const tokenizer = kind.load(readFileSync(folder.path('tokenizer.json'), 'utf8'));
    const cases = JSON.parse(readFileSync(folder.path('cases.json'), 'utf8')) as readonly Case[];
    expect(cases.length).toBe(58);
    for (const { text, ids, decoded } of cases) {
      expect({ text, ids: tokenizer.encode(text) }).toEqual({ text, ids });
      expect(tokenizer.decode(ids)).toBe(decoded);
    }
    expect(tokenizer.vocabularySize).toBe(1024);
    expect(tokenizer.special).toEqual({ pad: 0, eos: 1, bos: 2, unk: 3, mask: null });
  });
});
