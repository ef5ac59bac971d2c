import { defineFor } from './plugin.js';
import { createToken } from './token.js';

/** Text <-> ids. */
export interface Tokenizer {
  /** One more than the largest id, special tokens included. */
  readonly vocabularySize: number;
  /** Special tokens by purpose; `eos` ends a document. */
  readonly special: Readonly<Record<'pad' | 'bos' | 'eos' | 'unk' | 'mask', number | null>>;
  /** Ids of the text, without special tokens; the empty text has none. */
  encode(text: string): number[];
  /** Text of ids; special tokens have none. */
  decode(ids: ArrayLike<number>): string;
  /** Hugging Face `tokenizer.json` text; stable for hashing. */
  serialize(): string;
}

export interface TokenizerTrainingOptions {
  /** Most ids, special tokens included. */
  readonly vocabularySize: number;
  /** Called with a fraction in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
}

/** Trains and loads tokenizers of one kind. */
export interface TokenizerKind {
  /** The same corpus in the same order gives the same tokenizer. @throws ForgeError AF_TOKENIZER_CORPUS when the corpus cannot fill a vocabulary of 256 bytes + specials. */
  train(corpus: Iterable<string>, options: TokenizerTrainingOptions): Promise<Tokenizer>;
  /** @throws ForgeError AF_TOKENIZER_FORMAT naming what is wrong in the file. */
  load(json: string): Tokenizer;
}

export const TOKENIZER = createToken<TokenizerKind>('tokenizer', { train: 'function', load: 'function' });
/** Define a tokenizer plugin. */
export const defineTokenizer = defineFor(TOKENIZER);
