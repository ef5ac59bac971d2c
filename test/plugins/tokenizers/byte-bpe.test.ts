import fc from 'fast-check';
import { Tokenizer as ReferenceTokenizer } from '@huggingface/tokenizers';
import { TOKENIZER, type Tokenizer, type TokenizerKind } from '../../../core/contracts/tokenizer.js';
import { byteBpe } from '../../../plugins/tokenizers/index.js';
import { implementationOf } from '../../../testing/implementation.js';

const CORPUS = [
  'Once upon a time there was a small fox. The fox liked to count: 1, 2, 3, 10, 250.',
  'The fox said, "It\'s a fine day, isn\'t it?" and the hare said, "We\'ll see."',
  'The hare ran to the river. The fox ran after the hare.\n\nThey both laughed - and then they went home.',
  'na\u00efve caf\u00e9 \u2013 \u201cquotes\u201d \u20ac12 \u65e5\u672c\u8a9e \ud83d\ude00\ud83d\udc69\u200d\ud83d\udc69',
];

function kind(options: Parameters<typeof byteBpe>[0] = {}): Promise<TokenizerKind> {
  return implementationOf(TOKENIZER, byteBpe(options));
}

async function trained(
  options: Parameters<typeof byteBpe>[0] = {},
  vocabularySize = 400,
): Promise<Tokenizer> {
  return (await kind(options)).train(CORPUS, { vocabularySize });
}

/** Text that mixes what pre-tokenizers cut at with arbitrary Unicode (no lone surrogates). */
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        ' ',
        '  ',
        '\n',
        '\r\n',
        '\t',
        '\u0085',
        '\u00a0',
        '\u3000',
        '\ufeff',
        '7',
        '\u00bd',
        '\u0663',
        "'s",
        "'ll",
        'The',
        'the fox',
        'aaaa',
        '<eos>',
        '<',
        'e\u0301',
        '\ud83d\ude00',
        '!!',
        '_',
      ),
      { maxLength: 20 },
    )
    .map((parts) => parts.join('')),
);

describe('byte-bpe training', () => {
  it('numbers the bytes, the learnt tokens and then the special tokens', async () => {
    const tokenizer = await trained();
    const file = JSON.parse(tokenizer.serialize());
    const ids = Object.values(file.model.vocab as Record<string, number>).sort((a, b) => a - b);
    expect(ids).toEqual(ids.map((_, index) => index));
    expect(tokenizer.vocabularySize).toBe(ids.length + 5);
    const first = ids.length;
    expect(tokenizer.special).toEqual({
      pad: first,
      eos: first + 1,
      bos: first + 2,
      unk: first + 3,
      mask: first + 4,
    });
    expect(file.added_tokens.map((token: { id: number }) => token.id)).toEqual(
      [0, 1, 2, 3, 4].map((i) => first + i),
    );
  });

  it('reaches exactly the size asked for while there are pairs, and reports progress', async () => {
    const fractions: number[] = [];
    const tokenizer = await (
      await kind()
    ).train(CORPUS, { vocabularySize: 290, onProgress: (f) => fractions.push(f) });
    expect(tokenizer.vocabularySize).toBe(290);
    expect(fractions.at(-1)).toBe(1);
  });

  it('gives the same file whatever the order of the corpus', async () => {
    const forward = await trained();
    const backward = await (await kind()).train([...CORPUS].reverse(), { vocabularySize: 400 });
    expect(backward.serialize()).toBe(forward.serialize());
  });

  it('keeps digits apart by default and joins them on request', async () => {
    const corpus = Array.from({ length: 50 }, () => '2024 2024');
    const split = await (await kind()).train(corpus, { vocabularySize: 300 });
    const joined = await (await kind({ digits: false })).train(corpus, { vocabularySize: 300 });
    expect(split.encode('2024')).toHaveLength(4);
    expect(joined.encode('2024')).toHaveLength(1);
  });

  it('leaves out special tokens set to null and appends extra tokens', async () => {
    const tokenizer = await trained({
      specialTokens: { mask: null, unk: null },
      extraTokens: ['<think>', '</think>'],
    });
    const { pad, eos, bos, unk, mask } = tokenizer.special;
    expect([unk, mask]).toEqual([null, null]);
    const size = tokenizer.vocabularySize;
    expect([pad, eos, bos]).toEqual([size - 5, size - 4, size - 3]);
    expect(tokenizer.encode('<think></think>')).toEqual([size - 2, size - 1]);
  });

  it('refuses an empty corpus and a vocabulary without room for the bytes', async () => {
    const { train } = await kind();
    await expect(train([], { vocabularySize: 300 })).rejects.toMatchObject({ code: 'AF_TOKENIZER_CORPUS' });
    await expect(train(['', ''], { vocabularySize: 300 })).rejects.toMatchObject({
      code: 'AF_TOKENIZER_CORPUS',
    });
    await expect(train(CORPUS, { vocabularySize: 260 })).rejects.toMatchObject({
      code: 'AF_TOKENIZER_CORPUS',
      fix: expect.stringContaining('261'),
    });
  });
});

describe('byte-bpe encoding', () => {
  it('round-trips arbitrary Unicode', async () => {
    const tokenizer = await trained();
    fc.assert(
      fc.property(texts, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with the Hugging Face library reading our file', async () => {
    const tokenizer = await trained({ extraTokens: ['<think>'] });
    const reference = new ReferenceTokenizer(JSON.parse(tokenizer.serialize()) as object, {});
    fc.assert(
      fc.property(texts, (text) => {
        expect(tokenizer.encode(text)).toEqual(reference.encode(text, { add_special_tokens: false }).ids);
      }),
      { numRuns: 500 },
    );
    for (const text of CORPUS) {
      expect(tokenizer.encode(text)).toEqual(reference.encode(text, { add_special_tokens: false }).ids);
    }
  });

  it('loads what it wrote, with the same text and the same ids', async () => {
    const tokenizer = await trained();
    const again = (await kind()).load(tokenizer.serialize());
    expect(again.serialize()).toBe(tokenizer.serialize());
    expect(again.special).toEqual(tokenizer.special);
    for (const text of CORPUS) expect(again.encode(text)).toEqual(tokenizer.encode(text));
  });

  it('finds the longest added token, wherever it stands', async () => {
    const tokenizer = await trained({ extraTokens: ['<e', '<eos><eos>'] });
    const size = tokenizer.vocabularySize;
    expect(tokenizer.encode('<eos><eos><eos><e')).toEqual([size - 1, tokenizer.special.eos, size - 2]);
  });

  it('encodes a very long piece without a cut', async () => {
    const tokenizer = await trained();
    const text = 'fox'.repeat(20_000);
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  it('names an id outside the vocabulary', async () => {
    const tokenizer = await trained();
    expect(() => tokenizer.decode([tokenizer.vocabularySize])).toThrow(RangeError);
    expect(() => tokenizer.decode([-1])).toThrow(RangeError);
  });

  it('decodes cut characters to replacement characters', async () => {
    const tokenizer = await trained();
    const [first] = tokenizer.encode('\ud83d\udc7e');
    expect(tokenizer.decode([first!])).toContain('\ufffd');
  });
});
