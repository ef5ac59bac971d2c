import { ALPHABET, BYTE_CHARACTERS, tokenBytes } from '../../../plugins/tokenizers/byte-bpe/alphabet.js';
import { BpeEncoder } from '../../../plugins/tokenizers/byte-bpe/encoder.js';
import { compilePattern, GPT2_PATTERN } from '../../../plugins/tokenizers/byte-bpe/pattern.js';
import { isolate } from '../../../plugins/tokenizers/byte-bpe/pre-tokenizer.js';
import { trainBpe } from '../../../plugins/tokenizers/byte-bpe/trainer.js';

describe('byte alphabet', () => {
  it('writes 256 bytes as 256 characters, printable bytes as themselves', () => {
    expect(new Set(BYTE_CHARACTERS).size).toBe(256);
    expect(BYTE_CHARACTERS[0x20]).toBe('\u0120');
    expect(BYTE_CHARACTERS[0x0a]).toBe('\u010a');
    expect(BYTE_CHARACTERS[0x41]).toBe('A');
    expect(BYTE_CHARACTERS[0xad]).toBe('\u0143');
    expect([...tokenBytes('\u0120A')]).toEqual([0x20, 0x41]);
  });
});

describe('trainBpe', () => {
  /** The word counts of Sennrich et al. 2016, figure 1; merges worked out by hand, ties to the smaller ids. */
  const words = new Map([
    ['low', 5],
    ['lower', 2],
    ['newest', 6],
    ['widest', 3],
  ]);

  const learn = async (size: number, minFrequency: number): Promise<string[]> => {
    const { tokens, merges } = await trainBpe(words, { size: 256 + size, minFrequency });
    return merges.map((merge) => `${tokens[merge.left]} ${tokens[merge.right]}`);
  };

  it('joins the most frequent pair first', async () => {
    expect(await learn(10, 1)).toEqual([
      'e s',
      'es t',
      'l o',
      'lo w',
      'e w',
      'n ew',
      'new est',
      'd est',
      'i dest',
      'w idest',
    ]);
  });

  it('stops at the minimum frequency', async () => {
    expect(await learn(100, 6)).toEqual(['e s', 'es t', 'l o', 'lo w', 'e w', 'n ew', 'new est']);
  });

  it('counts overlapping pairs once per place', async () => {
    const { tokens, merges } = await trainBpe(
      new Map([
        ['aaaa', 1],
        ['aaa', 1],
      ]),
      { size: 258, minFrequency: 1 },
    );
    expect(merges.map((merge) => tokens[merge.joined])).toEqual(['aa', 'aaa']);
  });

  it('reuses the id of a token that two pairs make', async () => {
    const counts = new Map([
      ['xab', 9],
      ['abc', 8],
      ['bcq', 30],
      ['abq', 40],
      ['abc', 20],
    ]);
    const { tokens, merges } = await trainBpe(counts, { size: 300, minFrequency: 1 });
    expect(new Set(tokens).size).toBe(tokens.length);
    for (const merge of merges) expect(tokens[merge.left]! + tokens[merge.right]!).toBe(tokens[merge.joined]);
  });
});

describe('BpeEncoder', () => {
  const vocabulary = (...extra: string[]): Map<string, number> =>
    new Map([...ALPHABET, ...extra].map((token, id) => [token, id]));
  const merge = (vocab: Map<string, number>, left: string, right: string) => ({
    left: vocab.get(left)!,
    right: vocab.get(right)!,
    joined: vocab.get(left + right)!,
  });

  it('takes the lowest rank anywhere before a second place of a higher one', () => {
    const vocab = vocabulary('ab', 'abc', 'abcab');
    const merges = [merge(vocab, 'a', 'b'), merge(vocab, 'abc', 'ab'), merge(vocab, 'ab', 'c')];
    const encoder = new BpeEncoder({ vocabulary: vocab, merges, ignoreMerges: false });
    expect(encoder.encode('abcabc')).toEqual([vocab.get('abcab'), vocab.get('c')]);
  });

  it('takes whole pieces without merging when the file says so', () => {
    const vocab = vocabulary('hello');
    expect(new BpeEncoder({ vocabulary: vocab, merges: [], ignoreMerges: true }).encode('hello')).toEqual([
      256,
    ]);
    expect(
      new BpeEncoder({ vocabulary: vocab, merges: [], ignoreMerges: false }).encode('hello'),
    ).toHaveLength(5);
  });
});

describe('compilePattern', () => {
  it('reads possessive quantifiers and case-insensitive groups', () => {
    const llama =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+";
    expect(isolate(compilePattern(llama))("I'LL say 12345 it's\n OK!!")).toEqual([
      'I',
      "'LL",
      ' say',
      ' ',
      '123',
      '45',
      ' it',
      "'s",
      '\n',
      ' OK',
      '!!',
    ]);
  });

  it('counts the same characters as white space as the reference does', () => {
    const cut = isolate(compilePattern(GPT2_PATTERN));
    expect(cut('a\u0085 b')).toEqual(['a', '\u0085', ' b']);
    expect(cut('a\ufeffb')).toEqual(['a', '\ufeff', 'b']);
  });

  it('keeps escapes inside and outside of classes', () => {
    expect('a-b.c'.match(compilePattern('[a\\-.]'))).toEqual(['a', '-', '.']);
    expect("it's".match(compilePattern("\\'s"))).toEqual(["'s"]);
    expect(() => compilePattern('(?<broken')).toThrow(SyntaxError);
  });
});
