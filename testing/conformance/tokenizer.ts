import type { Tokenizer, TokenizerKind } from '../../core/contracts/tokenizer.js';
import { casesOf, type ConformanceCase, type Subject } from '../case.js';
import { expectEqual, expectFailure, expectThat } from '../expect.js';
import { AWKWARD_TEXTS } from '../fixtures/events.js';
import { tinyRecords } from '../fixtures/tiny-dataset.js';

export interface TokenizerConformanceOptions {
  readonly vocabularySize?: number;
  readonly corpus?: readonly string[];
  /** Whether every well-formed text comes back exactly (byte-level kinds). Default true; otherwise only corpus text must. */
  readonly lossless?: boolean;
  /** Whether its text becomes fewer ids than it has bytes. Default true; false for kinds of bytes or characters. */
  readonly compresses?: boolean;
  /** Whether it learns from the corpus. Default true; false for kinds of a fixed vocabulary, which may take any. */
  readonly learns?: boolean;
}

/** Well-formed texts a lossless tokenizer gives back unchanged. */
const TEXTS = [
  ...AWKWARD_TEXTS.filter((text) => !/\p{Surrogate}/u.test(text)),
  ' leading and trailing  ',
  'lower UPPER Title',
  '3.14159 1,000,000 12+34=46',
  '<|endoftext|> is text here, too',
];

function inRange(tokenizer: Tokenizer, ids: readonly number[], what: string): void {
  for (const id of ids) {
    expectThat(
      Number.isInteger(id) && id >= 0 && id < tokenizer.vocabularySize,
      `${what}: id ${id} is out of range`,
    );
  }
}

function specialTokens(tokenizer: Tokenizer): void {
  const ids = Object.values(tokenizer.special).filter((id) => id !== null);
  inRange(tokenizer, ids, 'special tokens');
  expectThat(new Set(ids).size === ids.length, `special tokens share ids: ${ids.join(', ')}`);
}

/** A suite's settings, filled in. */
interface Bench {
  readonly vocabularySize: number;
  readonly corpus: readonly string[];
  /** Texts that must come back as they were. */
  readonly texts: readonly string[];
  readonly train: (kind: TokenizerKind) => Promise<Tokenizer>;
  readonly compresses: boolean;
  readonly learns: boolean;
}

function codingCases(
  subject: Subject<TokenizerKind>,
  { vocabularySize, corpus, texts, train, compresses }: Bench,
): ConformanceCase[] {
  const compression = async (kind: TokenizerKind): Promise<void> => {
    const text = corpus.join('\n');
    const bytes = new TextEncoder().encode(text).length;
    const count = (await train(kind)).encode(text).length;
    expectThat(count < bytes, `${bytes} bytes became ${count} tokens`);
  };
  return casesOf(subject, {
    'gives back what it encoded': async (kind) => {
      const tokenizer = await train(kind);
      for (const text of texts) expectEqual(tokenizer.decode(tokenizer.encode(text)), text, 'decoded text');
    },
    'keeps ids within a vocabulary no larger than asked for': async (kind) => {
      const tokenizer = await train(kind);
      const size = tokenizer.vocabularySize;
      expectThat(size <= vocabularySize, `${size} ids, asked for ${vocabularySize}`);
      for (const text of texts) inRange(tokenizer, tokenizer.encode(text), JSON.stringify(text.slice(0, 40)));
      specialTokens(tokenizer);
    },
    'encodes without special tokens': async (kind) => {
      expectEqual((await train(kind)).encode(''), [], 'ids of the empty text');
    },
    ...(compresses && { 'compresses what it was trained on': compression }),
  });
}

const NO_TOKENIZERS = [
  '',
  'not json',
  '[]',
  '{}',
  '{"model":{"type":"BPE","vocab":{"a":-1},"merges":[["x","y"]]}}',
];

function fileCases(
  subject: Subject<TokenizerKind>,
  { vocabularySize, corpus, texts, train, learns }: Bench,
): ConformanceCase[] {
  const emptiness = async (kind: TokenizerKind): Promise<void> => {
    await expectFailure(
      () => kind.train([], { vocabularySize }),
      'training on nothing',
      'AF_TOKENIZER_CORPUS',
    );
  };
  return casesOf(subject, {
    'trains the same tokenizer on the same corpus': async (kind) => {
      const again = await train(await subject());
      expectEqual(again.serialize(), (await train(kind)).serialize(), 'tokenizer.json');
    },
    'loads what it serialised': async (kind) => {
      const tokenizer = await train(kind);
      const loaded = kind.load(tokenizer.serialize());
      expectEqual(loaded.serialize(), tokenizer.serialize(), 'tokenizer.json after loading');
      expectEqual(loaded.special, tokenizer.special, 'special tokens after loading');
      expectEqual(loaded.vocabularySize, tokenizer.vocabularySize, 'vocabulary size after loading');
      for (const text of texts) expectEqual(loaded.encode(text), tokenizer.encode(text), 'ids after loading');
    },
    'reports progress between 0 and 1': async (kind) => {
      const fractions: number[] = [];
      await kind.train(corpus, { vocabularySize, onProgress: (fraction) => void fractions.push(fraction) });
      const inside = fractions.every((fraction) => fraction >= 0 && fraction <= 1);
      expectThat(inside, `progress was ${fractions.join(', ')}`);
    },
    'refuses a file that is no tokenizer': async (kind) => {
      for (const json of NO_TOKENIZERS) {
        await expectFailure(() => kind.load(json), `loading ${JSON.stringify(json)}`, 'AF_TOKENIZER_FORMAT');
      }
    },
    ...(learns && { 'refuses a corpus that cannot fill its vocabulary': emptiness }),
  });
}

/** Two tokens that no text of the suite spells, and a text that spells them between others. */
const ADDED = ['<|open-conformance|>', '<|close-conformance|>'] as const;
const SPELT = `${ADDED[0]}1 + 1${ADDED[1]} is 2`;

/** @param size vocabulary before the tokens were added */
function codesAdded(tokenizer: Tokenizer, size: number): void {
  const ids = tokenizer.encode(SPELT, { specials: true });
  const [open, close] = [ids.indexOf(size), ids.indexOf(size + 1)];
  expectThat(open === 0 && close > 1 && close < ids.length - 1, `${SPELT} became ${ids.join(' ')}`);
  expectEqual(tokenizer.decode([size, size + 1]), '', 'text of added tokens');
  expectEqual(tokenizer.decode([size, size + 1], { specials: true }), ADDED.join(''), 'added tokens');
  expectEqual(
    tokenizer.decode(ids),
    tokenizer.decode(ids.filter((id) => id < size)),
    'text around added tokens',
  );
  expectEqual(
    tokenizer.encode(SPELT).filter((id) => id >= size),
    [],
    'added tokens in plain text',
  );
}

/** A tokenizer without `extend` passes: it is never asked to. */
function extensionCases(subject: Subject<TokenizerKind>, { corpus, texts, train }: Bench): ConformanceCase[] {
  const extended = async (kind: TokenizerKind): Promise<readonly [Tokenizer, Tokenizer] | null> => {
    const before = await train(kind);
    const after = before.extend?.(ADDED);
    return after === undefined ? null : [before, after];
  };
  return casesOf(subject, {
    'adds special tokens after all others, once': async (kind) => {
      const pair = await extended(kind);
      if (pair === null) return;
      const [before, after] = pair;
      const size = before.vocabularySize;
      expectEqual(after.vocabularySize, size + 2, 'vocabulary size after two special tokens');
      expectEqual(after.special, before.special, 'special tokens by purpose');
      expectEqual(
        [...(after.extended ?? [])],
        [
          [ADDED[0], size],
          [ADDED[1], size + 1],
        ],
        'added tokens',
      );
      expectEqual(
        ADDED.map((token) => after.idOf?.(token)),
        [size, size + 1],
        'ids of the added tokens',
      );
      expectEqual(
        ADDED.map((token) => before.idOf?.(token)),
        [null, null],
        'ids before they were added',
      );
      const again = after.extend!([ADDED[1], ADDED[0]]);
      expectEqual(again.serialize(), after.serialize(), 'tokenizer.json after adding them again');
    },
    'keeps added tokens out of text': async (kind) => {
      const pair = await extended(kind);
      if (pair === null) return;
      const [before, after] = pair;
      for (const text of [...texts, SPELT, ...corpus.map((each) => ADDED[0] + each)])
        expectEqual(after.encode(text), before.encode(text), `ids of ${JSON.stringify(text.slice(0, 40))}`);
    },
    'finds and writes added tokens where it is told to, after loading as well': async (kind) => {
      const pair = await extended(kind);
      if (pair === null) return;
      const [{ vocabularySize: size }, made] = pair;
      for (const tokenizer of [made, kind.load(made.serialize())]) codesAdded(tokenizer, size);
    },
  });
}

/** What every tokenizer must do: round trips, ids in range, the same file for the same corpus. */
export function tokenizerConformance(
  subject: Subject<TokenizerKind>,
  options: TokenizerConformanceOptions = {},
): ConformanceCase[] {
  const {
    vocabularySize = 320,
    corpus = tinyRecords(64).map((record) => record.text),
    lossless = true,
    compresses = true,
    learns = true,
  } = options;
  const bench: Bench = {
    vocabularySize,
    corpus,
    texts: lossless ? [...TEXTS, ...corpus] : corpus,
    train: (kind) => kind.train(corpus, { vocabularySize }),
    compresses,
    learns,
  };
  return [...codingCases(subject, bench), ...fileCases(subject, bench), ...extensionCases(subject, bench)];
}
