import type { ModelMetadata } from '../../core/contracts/model.js';
import type { Tokenizer, TokenizerKind } from '../../core/contracts/tokenizer.js';
import { ForgeError } from '../../core/errors/index.js';
import { messageOf } from '../../core/errors/message-of.js';

/** What a model's metadata say about its tokenizer, so that no later config decides how it is read. */
export type TokenizerFacts = Pick<ModelMetadata, 'tokenizer_kind' | 'special_tokens'>;

/** A model whose tokenizer is loaded; one in a folder may have neither id nor metadata. */
export interface TokenizedModel {
  readonly name: string;
  readonly id: string | null;
  readonly metadata: TokenizerFacts | null;
}

/** Tokenizer plugins by name. */
export interface TokenizerKinds {
  readonly names: readonly string[];
  resolve(kind: string): TokenizerKind;
}

/** @param kind name of the plugin that trained it */
export function tokenizerFacts(kind: string, { special }: Tokenizer): TokenizerFacts {
  return { tokenizer_kind: kind, special_tokens: { ...special } };
}

/** The facts of a model: what a model made from it inherits. */
export function tokenizerFactsOf({ tokenizer_kind, special_tokens }: TokenizerFacts): TokenizerFacts {
  return { tokenizer_kind, special_tokens };
}

const NOT_RECORDED: TokenizerFacts = { tokenizer_kind: null, special_tokens: null };

/** A tokenizer and the name of the plugin that reads it. */
export interface LoadedTokenizer {
  readonly kind: string;
  readonly tokenizer: Tokenizer;
}

/** The tokenizer of {@link loadTokenizer} alone. */
export function modelTokenizer(model: TokenizedModel, json: string, kinds: TokenizerKinds): Tokenizer {
  return loadTokenizer(model, json, kinds).tokenizer;
}

/**
 * Load a model's own tokenizer: by the plugin that trained it, with the special tokens it was trained with. Where
 * nobody recorded it, as in folders of other programs, it is read by the one plugin that can.
 *
 * @param json text of the model's tokenizer.json
 * @throws ForgeError AF_MODEL_TOKENIZER when it is not recorded and cannot be told, AF_TOKENIZER_FORMAT
 */
export function loadTokenizer(model: TokenizedModel, json: string, kinds: TokenizerKinds): LoadedTokenizer {
  const { tokenizer_kind: kind, special_tokens: special } = model.metadata ?? NOT_RECORDED;
  const loaded =
    kind !== null ? { kind, tokenizer: kinds.resolve(kind).load(json) } : onlyReader(model, json, kinds);
  return special !== null ? { ...loaded, tokenizer: withSpecial(loaded.tokenizer, special) } : loaded;
}

/**
 * A tokenizer may have fewer ids than the embedding has rows, and never more: a text with the ids beyond would read
 * past the table. A special token that the model names must be one of the tokenizer's.
 *
 * @param model where the two were found together
 * @param rows of the embedding table
 * @throws ForgeError AF_MODEL_TOKENIZER with both numbers
 */
export function checkVocabulary(
  model: { readonly name: string; readonly at: string },
  { vocabularySize: ids, special }: Pick<Tokenizer, 'vocabularySize' | 'special'>,
  rows: number,
): void {
  const refuse = (message: string): ForgeError =>
    new ForgeError('AF_MODEL_TOKENIZER', message, {
      at: model.at,
      fix: 'Use the tokenizer files and the weights of the same model.',
      facts: { ids, rows },
    });
  if (ids > rows)
    throw refuse(`The tokenizer of ${model.name} has ${ids} ids, and its embedding has ${rows} rows.`);
  for (const [purpose, id] of Object.entries(special))
    if (id !== null && id >= ids)
      throw refuse(
        `The ${purpose} token of ${model.name} has the id ${id}, and its tokenizer has ${ids} ids.`,
      );
}

function onlyReader(model: TokenizedModel, json: string, kinds: TokenizerKinds): LoadedTokenizer {
  const readers: LoadedTokenizer[] = [];
  const failures: { readonly kind: string; readonly error: unknown }[] = [];
  for (const name of kinds.names) {
    const kind = kinds.resolve(name);
    try {
      readers.push({ kind: name, tokenizer: kind.load(json) });
    } catch (error) {
      failures.push({ kind: name, error });
    }
  }
  const [reader, other] = readers;
  if (reader !== undefined && other === undefined) return reader;
  if (reader === undefined && failures.length === 1) throw failures[0]!.error;
  const at = `model ${model.id ?? model.name}`;
  const facts = { readers: readers.map(({ kind }) => kind), tokenizers: kinds.names };
  if (reader === undefined)
    throw new ForgeError(
      'AF_MODEL_TOKENIZER',
      `None of the tokenizers here can read that of ${model.name}.`,
      {
        ...{ at, facts, cause: failures[0]?.error },
        problems: failures.map(({ kind, error }) => ({ at: kind, message: messageOf(error) })),
        fix: 'List the plugin that it was trained with under `plugins` of the config.',
      },
    );
  throw new ForgeError('AF_MODEL_TOKENIZER', `Nothing says which tokenizer ${model.name} was trained with.`, {
    ...{ at, facts },
    fix: `${facts.readers.join(' and ')} can read its file: leave only the right one of them in the config, or train the model again.`,
  });
}

function withSpecial(tokenizer: Tokenizer, special: Readonly<Record<string, number | null>>): Tokenizer {
  const { extended } = tokenizer;
  return {
    vocabularySize: tokenizer.vocabularySize,
    special: { ...tokenizer.special, ...special },
    encode: (text, options) => tokenizer.encode(text, options),
    decode: (ids, options) => tokenizer.decode(ids, options),
    serialize: () => tokenizer.serialize(),
    ...(extended !== undefined && { extended }),
    ...(tokenizer.idOf && { idOf: (token: string) => tokenizer.idOf!(token) }),
    ...(tokenizer.extend && {
      extend: (tokens: readonly string[]) => withSpecial(tokenizer.extend!(tokens), special),
    }),
  };
}
