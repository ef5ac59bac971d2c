import type { Tokenizer, TokenizerKind } from '../../../core/contracts/tokenizer.js';
import { modelTokenizer, tokenizerFacts, tokenizerFactsOf } from '../../../nn/models/index.js';
import { modelRef } from '../../../testing/fixtures/records.js';

const SPECIAL = { pad: 1, bos: 2, eos: 3, unk: 4, mask: null };

function tokenizer(name: string): Tokenizer {
  return {
    vocabularySize: 10,
    special: SPECIAL,
    encode: (text) => [text.length],
    decode: () => name,
    serialize: () => name,
  };
}

/** Kinds that load files beginning with one of their prefixes. */
function kindsOf(prefixes: Readonly<Record<string, readonly string[]>>) {
  const resolve = (name: string): TokenizerKind => ({
    train: () => Promise.resolve(tokenizer(name)),
    load: (json) => {
      if (prefixes[name]?.some((prefix) => json.startsWith(prefix)) !== true)
        throw new Error(`${name} cannot read it`);
      return tokenizer(name);
    },
  });
  return { names: Object.keys(prefixes), resolve };
}

describe("a model's tokenizer", () => {
  const kinds = kindsOf({ first: ['a', 'b'], second: ['b'], third: ['c'] });

  test('is of the kind that trained it, not the first that can read it', () => {
    const model = modelRef('m', undefined, tokenizerFacts('second', tokenizer('second')));
    expect(modelTokenizer(model, 'b', kinds).decode([])).toBe('second');
  });

  test('keeps the special tokens it was trained with', () => {
    const recorded = { ...SPECIAL, bos: 7, mask: 9 };
    const model = modelRef('m', undefined, { tokenizer_kind: 'first', special_tokens: recorded });
    const loaded = modelTokenizer(model, 'a', kinds);
    expect(loaded.special).toEqual(recorded);
    expect(loaded.encode('abc')).toEqual([3]);
    expect(loaded.serialize()).toBe('first');
    expect(loaded.vocabularySize).toBe(10);
  });

  test('that nobody recorded is the one that can read its file', () => {
    expect(modelTokenizer(modelRef('m'), 'a', kinds).decode([])).toBe('first');
    expect(modelTokenizer(modelRef('m'), 'c', kinds).decode([])).toBe('third');
  });

  test('that nobody recorded that two can read is an error that names them', () => {
    expect(() => modelTokenizer(modelRef('m'), 'b', kinds)).toThrow(
      expect.objectContaining({
        code: 'AF_MODEL_TOKENIZER',
        facts: { readers: ['first', 'second'], tokenizers: ['first', 'second', 'third'] },
      }),
    );
  });

  test('that nobody recorded that none can read is an error; the only one says why itself', () => {
    expect(() => modelTokenizer(modelRef('m'), 'x', kinds)).toThrow(
      expect.objectContaining({ code: 'AF_MODEL_TOKENIZER' }),
    );
    expect(() => modelTokenizer(modelRef('m'), 'x', kindsOf({ first: ['a'] }))).toThrow(
      'first cannot read it',
    );
  });

  test('is inherited by what is made from the model, unknown as it is', () => {
    const facts = tokenizerFacts('first', tokenizer('first'));
    expect(tokenizerFactsOf(modelRef('m', undefined, facts).metadata)).toEqual(facts);
    expect(tokenizerFactsOf(modelRef('m').metadata)).toEqual({ tokenizer_kind: null, special_tokens: null });
  });
});
