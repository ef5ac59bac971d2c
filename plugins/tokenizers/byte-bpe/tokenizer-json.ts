import type { AddedToken } from './added-tokens.js';
import { BYTE_CHARACTERS } from './alphabet.js';
import type { BpeMerge, BpeModel } from './encoder.js';
import { JsonReader } from './json-reader.js';
import { readPreTokenizer, type PreTokenizer } from './pre-tokenizer.js';
import type { TrainedBpe } from './trainer.js';

/** What a tokenizer.json says, ready to encode with. */
export interface TokenizerFile {
  readonly model: BpeModel;
  readonly added: readonly AddedToken[];
  readonly normalize: (text: string) => string;
  readonly preTokenize: PreTokenizer;
}

/**
 * Write a trained BPE as `tokenizer.json`, the document of Hugging Face's tokenizers. Special tokens get the ids after the
 * vocabulary: readers ignore ids that leave a gap there.
 */
export function writeTokenizerJson(
  trained: TrainedBpe,
  pattern: string,
  specialTokens: readonly string[],
): string {
  const name = (id: number): string => trained.tokens[id]!;
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, index) => writeAdded(trained.tokens.length + index, content)),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(trained.tokens.map((token, id) => [token, id])),
      merges: trained.merges.map((merge) => [name(merge.left), name(merge.right)]),
    },
  });
}

/**
 * The file with further special tokens, which no plain text holds. That is said by `in_text`, a field of ours: the readers
 * of Hugging Face pass over it and look for special tokens in every text (unless told `split_special_tokens`).
 *
 * @param firstId one more than the largest id of the file
 */
export function extendTokenizerJson(json: string, specials: readonly string[], firstId: number): string {
  const file = JSON.parse(json) as { readonly added_tokens?: readonly unknown[] | null };
  const added = specials.map((content, i) => ({ ...writeAdded(firstId + i, content), in_text: false }));
  return JSON.stringify({ ...file, added_tokens: [...(file.added_tokens ?? []), ...added] });
}

function writeAdded(id: number, content: string): object {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return { id, content, ...flags };
}

/** @throws ForgeError AF_TOKENIZER_FORMAT naming the field that is wrong. */
export function readTokenizerJson(text: string): TokenizerFile {
  const file = JsonReader.parse(text, 'tokenizer.json');
  const version = file.field('version').string();
  if (version !== '1.0') throw file.field('version').error(`unknown version "${version}", expected "1.0"`);
  const model = readModel(file.field('model'));
  const decoder = file.field('decoder').field('type');
  if (decoder.string() !== 'ByteLevel')
    throw decoder.error(`unknown decoder "${decoder.string()}", expected "ByteLevel"`);
  return {
    model,
    added: readAdded(file.field('added_tokens'), model.vocabulary),
    normalize: readNormalizer(file.field('normalizer')),
    preTokenize: readPreTokenizer(file.field('pre_tokenizer')),
  };
}

/** Models of the format that are no byte-level BPE, by their `type`. */
const OTHER_KINDS: Readonly<Record<string, string>> = {
  Unigram: 'Unigram (sentencepiece)',
  WordPiece: 'WordPiece (BERT)',
  WordLevel: 'WordLevel',
};

function readModel(model: JsonReader): BpeModel {
  const type = model.field('type').string();
  if (type !== 'BPE') {
    const known = OTHER_KINDS[type];
    const what =
      known === undefined ? `unknown model "${type}"` : `a tokenizer of the kind ${known} is not read`;
    throw model.field('type').error(`${what}, expected "BPE"`);
  }
  if (model.field('byte_fallback').optionalBoolean(false))
    throw model
      .field('byte_fallback')
      .error('a BPE over characters with bytes as the last resort, as sentencepiece makes it, is not read');
  for (const name of ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix']) {
    model.field(name).mustBeOff();
  }
  const vocabulary = readVocabulary(model.field('vocab'));
  return {
    vocabulary,
    merges: model
      .field('merges')
      .array()
      .map((merge) => readMerge(merge, vocabulary)),
    ignoreMerges: model.field('ignore_merges').optionalBoolean(false),
  };
}

function readVocabulary(reader: JsonReader): ReadonlyMap<string, number> {
  const vocabulary = new Map<string, number>();
  const owners = new Map<number, string>();
  for (const token of Object.keys(reader.object())) {
    const id = reader.field(token).id();
    const owner = owners.get(id);
    if (owner !== undefined) throw reader.error(`tokens "${owner}" and "${token}" share the id ${id}`);
    owners.set(id, token);
    vocabulary.set(token, id);
  }
  const missing = BYTE_CHARACTERS.findIndex((character) => !vocabulary.has(character));
  if (missing >= 0) throw reader.error(`no token for the byte 0x${missing.toString(16).padStart(2, '0')}`);
  return vocabulary;
}

/** Merges are pairs, or in older files one string with a space between. */
function readMerge(reader: JsonReader, vocabulary: ReadonlyMap<string, number>): BpeMerge {
  const [left, right] = mergeParts(reader);
  const id = (token: string): number => {
    const found = vocabulary.get(token);
    if (found === undefined) throw reader.error(`token "${token}" is not in the vocabulary`);
    return found;
  };
  return { left: id(left), right: id(right), joined: id(left + right) };
}

function mergeParts(reader: JsonReader): readonly [string, string] {
  const parts = reader.isText ? reader.string().split(' ') : reader.array().map((part) => part.string());
  const [left, right] = parts;
  if (parts.length !== 2 || left === undefined || right === undefined) {
    throw reader.error(`expected two tokens, found ${parts.length}`);
  }
  return [left, right];
}

function readAdded(reader: JsonReader, vocabulary: ReadonlyMap<string, number>): readonly AddedToken[] {
  if (!reader.isPresent) return [];
  let next = vocabulary.size;
  for (const id of vocabulary.values()) next = Math.max(next, id + 1);
  return reader.array().map((token) => {
    const content = token.field('content').string();
    if (content === '') throw token.field('content').error('an added token must not be empty');
    const id = token.field('id').id();
    const expected = vocabulary.get(content) ?? next++;
    if (id !== expected) {
      throw token.field('id').error(`"${content}" has the id ${id}, but readers would give it ${expected}`);
    }
    const inText = token.field('in_text').optionalBoolean(true);
    if (!inText && vocabulary.has(content))
      throw token.field('in_text').error(`"${content}" is in the vocabulary: text can always spell it`);
    return {
      ...{ id, content, inText },
      normalized: token.field('normalized').optionalBoolean(true),
      lstrip: token.field('lstrip').optionalBoolean(false),
      rstrip: token.field('rstrip').optionalBoolean(false),
      singleWord: token.field('single_word').optionalBoolean(false),
    };
  });
}

function readNormalizer(reader: JsonReader): (text: string) => string {
  if (!reader.isPresent) return (text) => text;
  const type = reader.field('type').string();
  if (type === 'Sequence') {
    const steps = reader.field('normalizers').array().map(readNormalizer);
    return (text) => steps.reduce((current, step) => step(current), text);
  }
  if (type === 'NFC' || type === 'NFD' || type === 'NFKC' || type === 'NFKD')
    return (text) => text.normalize(type);
  throw reader
    .field('type')
    .error(`unknown normalizer "${type}"; NFC, NFD, NFKC, NFKD and Sequence are read`);
}
