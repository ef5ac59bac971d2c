import type { Tokenizer, TokenizerKind } from '../../core/contracts/tokenizer.js';
import { ForgeError } from '../../core/errors/index.js';
import { tokenizerConformance } from '../../testing/index.js';
import { fails, testConformance } from '../support/conformance.js';

const SPECIAL = { pad: 256, bos: null, eos: 257, unk: null, mask: null };

/** UTF-8 bytes as ids, pairs of equal bytes as one: the simplest tokenizer that compresses a little. */
function bytes(changes: Partial<Tokenizer> = {}): Tokenizer {
  const encode = (text: string): number[] => {
    const raw = new TextEncoder().encode(text);
    const ids: number[] = [];
    for (let i = 0; i < raw.length; i++) {
      const pair = raw[i] === raw[i + 1];
      ids.push(pair ? 258 + raw[i]! : raw[i]!);
      if (pair) i++;
    }
    return ids;
  };
  const decode = (ids: ArrayLike<number>): string =>
    new TextDecoder().decode(
      Uint8Array.from(Array.from(ids).flatMap((id) => (id >= 258 ? [id - 258, id - 258] : [id]))),
    );
  return {
    vocabularySize: 514,
    special: SPECIAL,
    encode,
    decode,
    serialize: () => '{"kind":"bytes"}',
    ...changes,
  };
}

/** The bytes with tokens added at the end; `changes` is what is wrong with it. */
function growing(changes: Partial<Tokenizer> = {}, named: readonly string[] = []): Tokenizer {
  const added = new Map(named.map((token, i) => [token, 514 + i]));
  const plain = bytes();
  return {
    ...plain,
    vocabularySize: 514 + added.size,
    extended: added,
    idOf: (token) => added.get(token) ?? null,
    extend: (tokens) => growing(changes, [...named, ...tokens.filter((token) => !added.has(token))]),
    encode: (text, { specials = false } = {}) =>
      [...text.matchAll(/<\|[a-z-]+\|>|[^<]+|</g)].flatMap(([part]) =>
        specials && added.has(part) ? [added.get(part)!] : plain.encode(part),
      ),
    decode: (ids, { specials = false } = {}) => {
      const spelt = (id: number): number[] => (specials ? plain.encode(named[id - 514]!) : []);
      return plain.decode(Array.from(ids).flatMap((id) => (id < 514 ? [id] : spelt(id))));
    },
    serialize: () => JSON.stringify({ kind: 'growing', named }),
    ...(named.length > 0 && changes),
  };
}

function growingKind(changes: Partial<Tokenizer> = {}, load = growing): TokenizerKind {
  return kind(
    {},
    {
      train: (corpus) =>
        [...corpus].length === 0
          ? Promise.reject(new ForgeError('AF_TOKENIZER_CORPUS', 'nothing to train on'))
          : Promise.resolve(growing(changes)),
      load: (json) => {
        if (!json.startsWith('{"kind":"growing"')) throw new ForgeError('AF_TOKENIZER_FORMAT', 'not ours');
        return load(changes, (JSON.parse(json) as { named: string[] }).named);
      },
    },
  );
}

function kind(changes: Partial<Tokenizer> = {}, more: Partial<TokenizerKind> = {}): TokenizerKind {
  return {
    train: (corpus) =>
      [...corpus].length === 0
        ? Promise.reject(new ForgeError('AF_TOKENIZER_CORPUS', 'nothing to train on'))
        : Promise.resolve(bytes(changes)),
    load: (json) => {
      if (json === '{"kind":"bytes"}') return bytes(changes);
      throw new ForgeError('AF_TOKENIZER_FORMAT', 'not ours');
    },
    ...more,
  };
}

const options = { vocabularySize: 514, corpus: ['aa bb cc', 'hello'] };

describe('a plain byte tokenizer conforms', () => {
  testConformance(tokenizerConformance(() => kind(), options));
});

describe('a byte tokenizer that can be given special tokens conforms', () => {
  testConformance(tokenizerConformance(() => growingKind(), options));
});

describe('a wrong tokenizer fails, in the case that is about it', () => {
  test.each<[string, string, () => TokenizerKind]>([
    [
      'text in lower case',
      'gives back what it encoded',
      () => kind({ decode: (ids) => bytes().decode(ids).toLowerCase() }),
    ],
    [
      'ids beyond the vocabulary',
      'keeps ids within a vocabulary no larger than asked for',
      () => kind({ vocabularySize: 100 }),
    ],
    [
      'more ids than asked for',
      'keeps ids within a vocabulary no larger than asked for',
      () => kind({ vocabularySize: 515 }),
    ],
    [
      'special tokens that share an id',
      'keeps ids within a vocabulary no larger than asked for',
      () => kind({ special: { ...SPECIAL, pad: 257 } }),
    ],
    [
      'an end of text nobody asked for',
      'encodes without special tokens',
      () => kind({ encode: (text) => [...bytes().encode(text), 257] }),
    ],
    [
      'two tokens per byte',
      'compresses what it was trained on',
      () =>
        kind({
          encode: (text) =>
            bytes()
              .encode(text)
              .flatMap((id) => [id, id]),
        }),
    ],
    [
      'a date in the file',
      'trains the same tokenizer on the same corpus',
      () => kind({ serialize: () => String(performance.now()) }),
    ],
    ['a file it cannot read itself', 'loads what it serialised', () => kind({ serialize: () => '{}' })],
    ['any file will do', 'refuses a file that is no tokenizer', () => kind({}, { load: () => bytes() })],
    [
      'no corpus will do',
      'refuses a corpus that cannot fill its vocabulary',
      () => kind({}, { train: () => Promise.resolve(bytes()) }),
    ],
    [
      'added tokens that take the ids of others',
      'adds special tokens after all others, once',
      () => growingKind({ vocabularySize: 514 }),
    ],
    [
      'added tokens that are found in every text',
      'keeps added tokens out of text',
      () => growingKind({ encode: (text) => (text.startsWith('<|') ? [514] : bytes().encode(text)) }),
    ],
    [
      'added tokens that are always written',
      'finds and writes added tokens where it is told to, after loading as well',
      () => growingKind({ decode: (ids) => Array.from(ids, (id) => (id < 514 ? 'x' : `<${id}>`)).join('') }),
    ],
    [
      'a file that forgets the added tokens',
      'finds and writes added tokens where it is told to, after loading as well',
      () => growingKind({}, () => growing()),
    ],
    [
      'progress in percent',
      'reports progress between 0 and 1',
      () =>
        kind(
          {},
          {
            train: (_corpus, { onProgress }) => {
              onProgress?.(50);
              return Promise.resolve(bytes());
            },
          },
        ),
    ],
  ])('%s', async (_, name, make) => {
    expect(await fails(tokenizerConformance(make, options), name)).toBe(true);
  });
});
