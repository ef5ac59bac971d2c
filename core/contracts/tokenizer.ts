import { defineFor } from './plugin.js';
import { createToken } from './token.js';

/** How text and ids become each other where tokens of {@link Tokenizer.extend} occur. */
export interface CodingOptions {
  /** `encode`: find those tokens in the text. `decode`: write them out. Default false. */
  readonly specials?: boolean;
}

/** Text <-> ids. */
export interface Tokenizer {
  /** One more than the largest id, special tokens included. */
  readonly vocabularySize: number;
  /** Special tokens by purpose; `eos` ends a document. */
  readonly special: Readonly<Record<'pad' | 'bos' | 'eos' | 'unk' | 'mask', number | null>>;
  /** Ids of the text, without special tokens at its ends; the empty text has none. */
  encode(text: string, options?: CodingOptions): number[];
  /** Text of ids; tokens of `extend` have none unless asked for. */
  decode(ids: ArrayLike<number>, options?: CodingOptions): string;
  /** Hugging Face `tokenizer.json` text; stable for hashing. */
  serialize(): string;
  /**
   * The same tokenizer with these special tokens too, their ids after all others, in order; those that it has already by
   * an earlier `extend` keep theirs. Text that merely spells such a token is text: `encode` finds them, and `decode`
   * writes them, only where `specials` says so, so that no prompt and no training text can smuggle them in. Reading what
   * `serialize` wrote changes none of this. (Other programs look for them in every text.)
   *
   * @throws ForgeError AF_TOKENIZER_TAKEN when one of them is in the vocabulary as something else
   */
  extend?(specials: readonly string[]): Tokenizer;
  /** Ids of the tokens that `extend` added, by their text, in the order of the ids. */
  readonly extended?: ReadonlyMap<string, number>;
  /** Id of a special token by its text, whoever added it; null where there is none. */
  idOf?(special: string): number | null;
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
