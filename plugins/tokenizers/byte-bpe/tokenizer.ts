import type { Tokenizer } from '../../../core/contracts/tokenizer.js';
import { AddedTokenFinder, type AddedToken } from './added-tokens.js';
import { tokenBytes } from './alphabet.js';
import { BpeEncoder } from './encoder.js';
import { readTokenizerJson, type TokenizerFile } from './tokenizer-json.js';

export type SpecialPurpose = keyof Tokenizer['special'];

/** Names by which a purpose is recognised in files of others, most telling first. */
const CONVENTIONAL_NAMES: Readonly<Record<SpecialPurpose, readonly string[]>> = {
  pad: ['<pad>', '[PAD]', '<|pad|>'],
  bos: ['<bos>', '<s>', '<|begin_of_text|>', '<|startoftext|>'],
  eos: ['<eos>', '</s>', '<|endoftext|>', '<|end_of_text|>'],
  unk: ['<unk>', '[UNK]'],
  mask: ['<mask>', '[MASK]'],
};

/** A byte-level BPE tokenizer backed by the text of its `tokenizer.json`. */
export class ByteBpeTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly special: Tokenizer['special'];
  private readonly file: TokenizerFile;
  private readonly encoder: BpeEncoder;
  private readonly bytes: readonly (Uint8Array | undefined)[];
  private readonly raw: AddedTokenFinder;
  private readonly normalized: AddedTokenFinder;

  /**
   * @param json text of a tokenizer.json
   * @param names name of the special token of each purpose, before the conventional ones
   * @throws ForgeError AF_TOKENIZER_FORMAT
   */
  constructor(
    private readonly json: string,
    names: Partial<Record<SpecialPurpose, string | null>> = {},
  ) {
    const file = readTokenizerJson(json);
    this.file = file;
    this.encoder = new BpeEncoder(file.model);
    this.bytes = byteTable(file);
    this.vocabularySize = this.bytes.length;
    this.special = findSpecial(file.added, names);
    this.raw = new AddedTokenFinder(file.added.filter((token) => !token.normalized));
    this.normalized = new AddedTokenFinder(
      file.added
        .filter((token) => token.normalized)
        .map((token) => ({ ...token, content: file.normalize(token.content) })),
    );
  }

  /** Ids of the text alone: nothing is added at its ends. Added tokens in the text become their ids. */
  encode(text: string): number[] {
    const ids: number[] = [];
    for (const part of this.raw.split(text)) {
      if (typeof part === 'number') ids.push(part);
      else for (const inner of this.normalized.split(this.file.normalize(part))) this.encodePart(inner, ids);
    }
    return ids;
  }

  /**
   * Text of the ids, special tokens included. Bytes that are no UTF-8 become U+FFFD.
   * @throws RangeError on an id outside the vocabulary
   */
  decode(ids: ArrayLike<number>): string {
    const parts: Uint8Array[] = [];
    for (let i = 0; i < ids.length; i++) {
      const bytes = this.bytes[ids[i]!];
      if (bytes === undefined)
        throw new RangeError(`token id ${ids[i]} is not in the vocabulary of ${this.vocabularySize}`);
      parts.push(bytes);
    }
    return Buffer.concat(parts).toString('utf8');
  }

  serialize(): string {
    return this.json;
  }

  private encodePart(part: string | number, ids: number[]): void {
    if (typeof part === 'number') {
      ids.push(part);
      return;
    }
    for (const piece of this.file.preTokenize(part))
      for (const id of this.encoder.encode(piece)) ids.push(id);
  }
}

function byteTable(file: TokenizerFile): readonly (Uint8Array | undefined)[] {
  const table: (Uint8Array | undefined)[] = [];
  for (const [token, id] of file.model.vocabulary) table[id] = tokenBytes(token);
  for (const token of file.added) table[token.id] = tokenBytes(token.content);
  return table;
}

function findSpecial(
  added: readonly AddedToken[],
  names: Partial<Record<SpecialPurpose, string | null>>,
): Tokenizer['special'] {
  const find = (purpose: SpecialPurpose): number | null => {
    const wanted = [names[purpose], ...CONVENTIONAL_NAMES[purpose]];
    for (const name of wanted) {
      const token = added.find((candidate) => candidate.content === name);
      if (token !== undefined) return token.id;
    }
    return null;
  };
  return { pad: find('pad'), bos: find('bos'), eos: find('eos'), unk: find('unk'), mask: find('mask') };
}
