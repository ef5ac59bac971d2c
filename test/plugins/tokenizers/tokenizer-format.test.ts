import { TOKENIZER, type TokenizerKind } from '../../../core/contracts/tokenizer.js';
import { ForgeError } from '../../../core/errors/index.js';
import { byteBpe } from '../../../plugins/tokenizers/index.js';
import { implementationOf } from '../../../testing/implementation.js';

interface TokenizerJson {
  version: unknown;
  added_tokens: { id: number; content: string; [key: string]: unknown }[];
  normalizer: unknown;
  pre_tokenizer: Record<string, unknown>;
  decoder: unknown;
  model: { type: string; vocab: Record<string, number>; merges: unknown[]; [key: string]: unknown };
}

let kind: TokenizerKind;
let good: string;

beforeAll(async () => {
  kind = await implementationOf(TOKENIZER, byteBpe());
  good = (await kind.train(['the cat and the hat and the bat'], { vocabularySize: 280 })).serialize();
});

function changed(change: (file: TokenizerJson) => void): string {
  const file = JSON.parse(good) as TokenizerJson;
  change(file);
  return JSON.stringify(file);
}

function problem(json: string): ForgeError {
  try {
    kind.load(json);
  } catch (error) {
    return error as ForgeError;
  }
  throw new Error('the file was accepted');
}

describe('malformed tokenizer.json', () => {
  const cases: readonly [string, (file: TokenizerJson) => void, string][] = [
    ['another version', (f) => (f.version = '2.0'), 'tokenizer.json.version'],
    ['no model', (f) => delete (f as Partial<TokenizerJson>).model, 'tokenizer.json.model'],
    ['another model', (f) => (f.model.type = 'Unigram'), 'tokenizer.json.model.type'],
    ['dropout', (f) => (f.model.dropout = 0.1), 'tokenizer.json.model.dropout'],
    ['byte fallback', (f) => (f.model.byte_fallback = true), 'tokenizer.json.model.byte_fallback'],
    ['an id twice', (f) => (f.model.vocab['!'] = 7), 'tokenizer.json.model.vocab'],
    ['an id that is no number', (f) => (f.model.vocab['!'] = 1.5), 'tokenizer.json.model.vocab.!'],
    ['a missing byte', (f) => delete f.model.vocab['A'], 'tokenizer.json.model.vocab'],
    ['a merge of three', (f) => (f.model.merges[0] = ['t', 'h', 'e']), 'tokenizer.json.model.merges[0]'],
    ['a merge out of vocabulary', (f) => (f.model.merges[1] = ['z', 'q']), 'tokenizer.json.model.merges[1]'],
    ['merges that are no list', (f) => (f.model.merges = {} as unknown[]), 'tokenizer.json.model.merges'],
    ['a gap before added tokens', (f) => (f.added_tokens[0]!.id += 1), 'tokenizer.json.added_tokens[0].id'],
    [
      'an empty added token',
      (f) => (f.added_tokens[0]!.content = ''),
      'tokenizer.json.added_tokens[0].content',
    ],
    [
      'stripping that is neither on nor off',
      (f) => (f.added_tokens[1]!['lstrip'] = 'yes'),
      'tokenizer.json.added_tokens[1].lstrip',
    ],
    ['another normalizer', (f) => (f.normalizer = { type: 'Lowercase' }), 'tokenizer.json.normalizer.type'],
    ['another decoder', (f) => (f.decoder = { type: 'WordPiece' }), 'tokenizer.json.decoder.type'],
    ['no byte level', (f) => (f.pre_tokenizer = { type: 'Digits' }), 'tokenizer.json.pre_tokenizer'],
    [
      'an unknown step',
      (f) => (f.pre_tokenizer['pretokenizers'] = [{ type: 'Metaspace' }, { type: 'ByteLevel' }]),
      'tokenizer.json.pre_tokenizer.pretokenizers[0].type',
    ],
    [
      'an unreadable pattern',
      (f) =>
        (f.pre_tokenizer['pretokenizers'] = [
          { type: 'Split', pattern: { Regex: '(' }, behavior: 'Isolated' },
          { type: 'ByteLevel' },
        ]),
      'tokenizer.json.pre_tokenizer.pretokenizers[0].pattern.Regex',
    ],
    [
      'an unknown behaviour',
      (f) =>
        (f.pre_tokenizer['pretokenizers'] = [
          { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithNext' },
          { type: 'ByteLevel' },
        ]),
      'tokenizer.json.pre_tokenizer.pretokenizers[0].behavior',
    ],
  ];

  it.each(cases)('%s', (_name, change, at) => {
    const error = problem(changed(change));
    expect(error).toBeInstanceOf(ForgeError);
    expect(error.code).toBe('AF_TOKENIZER_FORMAT');
    expect(error.at).toBe(at);
    expect(error.message.startsWith(`${at}: `)).toBe(true);
  });

  it.each<[string, (file: TokenizerJson) => void, string]>([
    ['sentencepiece models', (f) => (f.model.type = 'Unigram'), 'Unigram (sentencepiece) is not read'],
    ['BERT', (f) => (f.model.type = 'WordPiece'), 'WordPiece (BERT) is not read'],
    ['Llama 2', (f) => (f.model.byte_fallback = true), 'as sentencepiece makes it, is not read'],
  ])('names the kind of %s', (_name, change, message) => {
    expect(problem(changed(change)).message).toContain(message);
  });

  it('no JSON at all', () => {
    expect(problem(good.slice(0, 100))).toMatchObject({ code: 'AF_TOKENIZER_FORMAT', at: 'tokenizer.json' });
    expect(problem('[]')).toMatchObject({ code: 'AF_TOKENIZER_FORMAT' });
  });
});

describe('forms of others', () => {
  it('reads merges written as strings', () => {
    const old = changed(
      (f) => (f.model.merges = (f.model.merges as string[][]).map((pair) => pair.join(' '))),
    );
    expect(kind.load(old).encode('the cat')).toEqual(kind.load(good).encode('the cat'));
  });

  it('normalises text but not the added tokens in it', () => {
    const file = changed((f) => {
      f.normalizer = { type: 'Sequence', normalizers: [{ type: 'NFC' }] };
      f.added_tokens[0]!.content = 'e\u0301';
      f.added_tokens[1]!.content = '<A\u030a>';
      f.added_tokens[1]!['normalized'] = true;
    });
    const tokenizer = kind.load(file);
    const first = tokenizer.vocabularySize - 5;
    expect(tokenizer.encode('e\u0301')).toEqual([first]);
    expect(tokenizer.encode('<\u00c5>')).toEqual([first + 1]);
    expect(tokenizer.encode('o\u0308')).toEqual(tokenizer.encode('\u00f6'));
  });

  it('adds a space in front and drops what a pattern removes', () => {
    const spaced = kind.load(
      changed((f) => (f.pre_tokenizer = { type: 'ByteLevel', add_prefix_space: true })),
    );
    expect(spaced.decode(spaced.encode('the'))).toBe(' the');
    const removed = (invert: boolean, pattern: object) =>
      kind.load(
        changed(
          (f) =>
            (f.pre_tokenizer['pretokenizers'] = [
              { type: 'Split', pattern, behavior: 'Removed', invert },
              { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
            ]),
        ),
      );
    const without = removed(false, { String: '.' });
    expect(without.decode(without.encode('a.b'))).toBe('ab');
    const only = removed(true, { Regex: '\\d' });
    expect(only.decode(only.encode('a1b2'))).toBe('12');
  });

  it('recognises conventional names of special tokens', () => {
    const tokenizer = kind.load(
      changed((f) => {
        f.added_tokens[1]!.content = '<|endoftext|>';
        f.added_tokens[2]!.content = '<s>';
      }),
    );
    expect(tokenizer.special.eos).toBe(tokenizer.vocabularySize - 4);
    expect(tokenizer.special.bos).toBe(tokenizer.vocabularySize - 3);
  });
});
