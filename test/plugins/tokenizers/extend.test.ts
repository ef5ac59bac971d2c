import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Tokenizer as ReferenceTokenizer } from '@huggingface/tokenizers';
import { THOUGHT_TAGS } from '../../../core/contracts/thoughts.js';
import { TOKENIZER, type Tokenizer, type TokenizerKind } from '../../../core/contracts/tokenizer.js';
import { modelTokenizer } from '../../../nn/models/index.js';
import { byteBpe } from '../../../plugins/tokenizers/index.js';
import { implementationOf } from '../../../testing/index.js';
import { oracles } from '../../support/oracles.js';

const CORPUS = [
  'Once upon a time there was a small fox. The fox liked to count: 1, 2, 3, 10, 250.',
  'The fox said, "I think, therefore <think> is a tag", and the hare said, "step </think> by step".',
];
const oracle = oracles('tokenizers');

function kind(options: Parameters<typeof byteBpe>[0] = {}): Promise<TokenizerKind> {
  return implementationOf(TOKENIZER, byteBpe(options));
}
const trained = async (options: Parameters<typeof byteBpe>[0] = {}): Promise<Tokenizer> =>
  (await kind(options)).train(CORPUS, { vocabularySize: 320 });

/** Texts in which tags stand whole, cut and nested between others. */
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom<string>(...THOUGHT_TAGS),
      fc.constantFrom('<', '>', '</', 'think', ' fox', '12', '<eos>', '<think', '\u00e9', '\n'),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe('special tokens that are added to a tokenizer', () => {
  it('come last, in order, and leave all others where they were', async () => {
    const before = await trained();
    const after = before.extend!(THOUGHT_TAGS);
    const size = before.vocabularySize;
    expect(after.vocabularySize).toBe(size + 8);
    expect([...after.extended!]).toEqual(THOUGHT_TAGS.map((tag, i) => [tag, size + i]));
    expect(after.special).toEqual(before.special);
    expect([after.idOf!('</think>'), after.idOf!('<eos>'), after.idOf!('<nothing>')]).toEqual([
      size + 1,
      before.special.eos,
      null,
    ]);
    // In steps as at once.
    const inSteps = before.extend!(THOUGHT_TAGS.slice(0, 2)).extend!(THOUGHT_TAGS);
    expect(inSteps.serialize()).toBe(after.serialize());
    expect(after.extend!(['<doubt>', '<think>']).serialize()).toBe(after.serialize());
  });

  it('are no part of a text that spells them, unless the text may hold special tokens', async () => {
    const before = await trained();
    const after = before.extend!(THOUGHT_TAGS);
    const [open, close] = [before.vocabularySize, before.vocabularySize + 1];
    const ids = after.encode('a<think>1</think> b', { specials: true });
    expect(ids).toEqual([...before.encode('a'), open, ...before.encode('1'), close, ...before.encode(' b')]);
    expect(after.decode(ids)).toBe('a1 b');
    expect(after.decode(ids, { specials: true })).toBe('a<think>1</think> b');
    fc.assert(
      fc.property(texts, (text) => {
        expect(after.encode(text)).toEqual(before.encode(text));
        expect(after.decode(after.encode(text))).toBe(text);
        const special = after.encode(text, { specials: true });
        expect(after.decode(special, { specials: true })).toBe(text);
        const ordinary = special.filter((id) => id < before.vocabularySize);
        expect(after.decode(special)).toBe(before.decode(ordinary));
      }),
      { numRuns: 300 },
    );
  });

  it('are found by other readers in every text, as we find them when told to', async () => {
    const after = (await trained()).extend!(THOUGHT_TAGS);
    const file = JSON.parse(after.serialize()) as { added_tokens: Record<string, unknown>[] };
    expect(file.added_tokens.at(-1)).toEqual({
      ...{ id: after.vocabularySize - 1, content: '<doubt>', special: true, in_text: false },
      ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
    });
    const reference = new ReferenceTokenizer(file as object, {});
    fc.assert(
      fc.property(texts, (text) => {
        const { ids } = reference.encode(text, { add_special_tokens: false });
        expect(after.encode(text, { specials: true })).toEqual(ids);
      }),
      { numRuns: 300 },
    );
  });

  it('stay what they are in the file, under any plugin options and any recorded special tokens', async () => {
    const made = (await trained()).extend!(THOUGHT_TAGS);
    const loaded = (await kind()).load(made.serialize());
    const recorded = modelTokenizer(
      { name: 'm', id: null, metadata: { tokenizer_kind: 'byte-bpe', special_tokens: { bos: null } } },
      made.serialize(),
      { names: ['byte-bpe'], resolve: () => ({ train: () => Promise.reject(), load: () => loaded }) },
    );
    for (const tokenizer of [loaded, recorded]) {
      expect([...tokenizer.extended!]).toEqual([...made.extended!]);
      expect(tokenizer.encode('<think>')).toEqual(made.encode('<think>'));
      expect(tokenizer.encode('<think>', { specials: true })).toEqual([tokenizer.idOf!('<think>')]);
      expect(tokenizer.decode([tokenizer.idOf!('<step>')!])).toBe('');
      expect(tokenizer.extend!(['<new>']).idOf!('<new>')).toBe(made.vocabularySize);
    }
    expect(recorded.extend!(['<new>']).special.bos).toBeNull();
  });

  it('keep their purpose: a token that is called like a padding is none', async () => {
    const before = await trained({ specialTokens: { pad: null } });
    expect(before.extend!(['<pad>']).special.pad).toBeNull();
  });

  it('cannot be what text spells already, in the vocabulary or as an extra token', async () => {
    const extra = await trained({ extraTokens: ['<think>'] });
    const taken = { code: 'AF_TOKENIZER_TAKEN', at: `token id ${extra.idOf!('<think>')}` };
    expect(() => extra.extend!(THOUGHT_TAGS)).toThrow(expect.objectContaining(taken));
    expect(() => extra.extend!(['a'])).toThrow(expect.objectContaining({ code: 'AF_TOKENIZER_TAKEN' }));
    expect(() => extra.extend!([''])).toThrow(expect.objectContaining({ code: 'AF_TOKENIZER_FORMAT' }));
    const file = JSON.parse(extra.serialize()) as { added_tokens: object[]; model: { vocab: object } };
    file.added_tokens.unshift({ id: (file.model.vocab as { a: number }).a, content: 'a', in_text: false });
    const { load } = await kind();
    expect(() => load(JSON.stringify(file))).toThrow(
      expect.objectContaining({ code: 'AF_TOKENIZER_FORMAT', at: 'tokenizer.json.added_tokens[0].in_text' }),
    );
  });

  oracle.describe('on a tokenizer that Hugging Face wrote', () => {
    it('change no id of any text, and its own special tokens are found as before', async () => {
      const json = readFileSync(oracle.path('tokenizer.json'), 'utf8');
      const cases = JSON.parse(readFileSync(oracle.path('cases.json'), 'utf8')) as {
        readonly text: string;
        readonly ids: readonly number[];
        readonly decoded: string;
      }[];
      const { load } = await kind();
      const tokenizer = load(load(json).extend!(THOUGHT_TAGS).serialize());
      expect(tokenizer.idOf!('<think>')).toBe(1024);
      for (const { text, ids, decoded } of cases) {
        expect({ text, ids: tokenizer.encode(text) }).toEqual({ text, ids });
        expect(tokenizer.encode(text, { specials: true })).toEqual(ids);
        expect(tokenizer.decode(ids)).toBe(decoded);
      }
    });
  });
});
