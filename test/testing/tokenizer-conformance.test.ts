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
