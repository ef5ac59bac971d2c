import type { CodingOptions, Tokenizer } from '../../../core/contracts/tokenizer.js';
import { ForgeError } from '../../../core/errors/index.js';
import { AddedTokenFinder, type AddedToken } from './added-tokens.js';
import { tokenBytes } from './alphabet.js';
import { BpeEncoder } from './encoder.js';
import { extendTokenizerJson, readTokenizerJson, type TokenizerFile } from './tokenizer-json.js';

export type SpecialPurpose = keyof Tokenizer['special'];

/** Names by which a purpose is recognised in files of others, most telling first. */
const CONVENTIONAL_NAMES: Readonly<Record<SpecialPurpose, readonly string[]>> = {
  pad: ['<pad>', '[PAD]', '<|pad|>'],
  bos: ['<bos>', '<s>', '<|begin_of_text|>', '<|startoftext|>'],
  eos: ['<eos>', '</s>', '<|endoftext|>', '<|end_of_text|>'],
  unk: ['<unk>', '[UNK]'],
  mask: ['<mask>', '[MASK]'],
};

/** Finds the added tokens of a text, before and after its normalisation. */
interface Finders {
  readonly raw: AddedTokenFinder;
  readonly normalized: AddedTokenFinder;
}

/** A byte-level BPE tokenizer backed by the text of its `tokenizer.json`. */
export class ByteBpeTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly special: Tokenizer['special'];
  readonly extended: ReadonlyMap<string, number>;
  private readonly file: TokenizerFile;
  private readonly encoder: BpeEncoder;
  private readonly bytes: readonly (Uint8Array | undefined)[];
  private readonly hidden: ReadonlySet<number>;
  private readonly inText: Finders;
  private readonly everywhere: Finders;

  /**
   * @param json text of a tokenizer.json
   * @param names name of the special token of each purpose, before the conventional ones
   * @throws ForgeError AF_TOKENIZER_FORMAT
   */
  constructor(
    private readonly json: string,
    private readonly names: Partial<Record<SpecialPurpose, string | null>> = {},
  ) {
    const file = readTokenizerJson(json);
    const inText = file.added.filter((token) => token.inText);
    const extended = file.added.filter((token) => !token.inText);
    this.file = file;
    this.encoder = new BpeEncoder(file.model);
    this.bytes = byteTable(file);
    this.vocabularySize = this.bytes.length;
    this.special = findSpecial(inText, names);
    this.extended = new Map(extended.map(({ content, id }) => [content, id]));
    this.hidden = new Set(this.extended.values());
    this.inText = findersOf(inText, file);
    this.everywhere = extended.length === 0 ? this.inText : findersOf(file.added, file);
  }

  /**
   * Ids of the text alone: nothing is added at its ends. Added tokens in the text become their ids, those of `extend` only
   * where `specials` says so.
   */
  encode(text: string, { specials = false }: CodingOptions = {}): number[] {
    const { raw, normalized } = specials ? this.everywhere : this.inText;
    const ids: number[] = [];
    for (const part of raw.split(text)) {
      if (typeof part === 'number') ids.push(part);
      else for (const inner of normalized.split(this.file.normalize(part))) this.encodePart(inner, ids);
    }
    return ids;
  }

  /**
   * Text of the ids, special tokens included, those of `extend` only where `specials` says so. Bytes that are no UTF-8
   * become U+FFFD.
   * @throws RangeError on an id outside the vocabulary
   */
  decode(ids: ArrayLike<number>, { specials = false }: CodingOptions = {}): string {
    const parts: Uint8Array[] = [];
    for (let i = 0; i < ids.length; i++) {
      const bytes = this.bytes[ids[i]!];
      if (bytes === undefined)
        throw new RangeError(`token id ${ids[i]} is not in the vocabulary of ${this.vocabularySize}`);
      if (specials || !this.hidden.has(ids[i]!)) parts.push(bytes);
    }
    return Buffer.concat(parts).toString('utf8');
  }

  serialize(): string {
    return this.json;
  }

  idOf(special: string): number | null {
    return this.file.added.find(({ content }) => content === special)?.id ?? null;
  }

  extend(specials: readonly string[]): ByteBpeTokenizer {
    const missing = [...new Set(specials)].filter((special) => !this.extended.has(special));
    for (const special of missing) this.requireFree(special);
    if (missing.length === 0) return this;
    return new ByteBpeTokenizer(extendTokenizerJson(this.json, missing, this.vocabularySize), this.names);
  }

  private requireFree(special: string): void {
    const id = this.idOf(special) ?? this.file.model.vocabulary.get(special);
    if (id === undefined) return;
    throw new ForgeError(
      'AF_TOKENIZER_TAKEN',
      `The tokenizer already has "${special}" as an ordinary token.`,
      {
        at: `token id ${id}`,
        fix: 'Use a model whose tokenizer was trained without it: what text can spell cannot be kept out of text.',
        facts: { token: special, id },
      },
    );
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

function findersOf(tokens: readonly AddedToken[], { normalize }: TokenizerFile): Finders {
  const normalized = tokens.filter((token) => token.normalized);
  return {
    raw: new AddedTokenFinder(tokens.filter((token) => !token.normalized)),
    normalized: new AddedTokenFinder(
      normalized.map((token) => ({ ...token, content: normalize(token.content) })),
    ),
  };
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
