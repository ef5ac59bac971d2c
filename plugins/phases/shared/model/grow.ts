import type { TensorDescription } from '../../../../core/contracts/architecture.js';
import type { StoreContext } from '../../../../core/contracts/phase.js';
import type { HostTensor, TensorDict } from '../../../../core/contracts/tensor.js';
import { THOUGHT_TAGS } from '../../../../core/contracts/thoughts.js';
import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import { ForgeError } from '../../../../core/errors/index.js';
import type { TokenizerFacts } from '../../../../nn/models/index.js';
import { fillNormal, streamKey } from '../../../../nn/random/index.js';
import { arranged, type LiveModel, type OpenedModel, type OwnTokenizer } from './open.js';
import { shapeOf, type ModelShape, type Resolver } from './shape.js';

/** A model that knows further special tokens, and the tokenizer that has them. */
export interface GrownModel {
  readonly model: LiveModel;
  /** To be stored: {@link storeTokenizer}. */
  readonly tokenizer: Tokenizer;
  readonly facts: TokenizerFacts;
  /** Id of every special token that was asked for, by its text. */
  readonly ids: Readonly<Record<string, number>>;
}

/** Marks that open and close a thought start as a pause in writing: the first of these that is one token. */
const PAUSES = ['---', '...'] as const;
const MARKS: ReadonlySet<string> = new Set(THOUGHT_TAGS.slice(0, 2));
/** Size of what tells new rows apart, in standard deviations of the old rows. */
const NOISE = 0.02;

/**
 * The same model with further special tokens at the end of its vocabulary. What it says of old ids stays as it was. The
 * row of `<think>` and of `</think>` starts as that of "---" (Quiet-STaR, Zelikman et al. 2024) or "..."; a
 * tokenizer without either as one token gives the mean of the tokens of "---". Other rows start as the mean of all. Each
 * is moved by its own noise, 0.02 standard deviations of the column. Rows that the table has beyond the ids of the
 * tokenizer are used before the table grows; tokens that the tokenizer has already by an earlier growth keep their rows.
 *
 * @param ctx `seed` decides the noise
 * @param tokenizer of the model; null: it has none
 * @throws ForgeError AF_HANDOFF_INVALID when the model has no tokenizer, or its tokenizer or its architecture cannot
 * grow; AF_TOKENIZER_TAKEN
 */
export function growModel(
  ctx: Resolver & { readonly seed: number },
  model: LiveModel | OpenedModel,
  tokenizer: OwnTokenizer | null,
  specials: readonly string[] = THOUGHT_TAGS,
): GrownModel {
  const before = requireTokenizer(tokenizer).tokenizer;
  const after = extended(before, specials);
  const { shape, weights } = withRows(ctx, model, after.vocabularySize);
  const added = [...(after.extended ?? [])].filter(([, id]) => id >= before.vocabularySize);
  const filled = { ...weights };
  for (const { name } of tablesOf(shape))
    filled[name] = withTokens(weights[name]!, before, added, [ctx.seed, name]);
  const ids = specials.map((special) => [special, after.extended!.get(special)!] as const);
  return {
    model: {
      ...shape,
      weights: arranged(filled, shape.tensors, 'the grown model'),
      ...(model.halt === undefined ? {} : { halt: model.halt }),
    },
    tokenizer: after,
    facts: tokenizer!.facts,
    ids: Object.fromEntries(ids),
  };
}

/** Store a tokenizer that was made from another, to go with a model. */
export async function storeTokenizer(
  ctx: Pick<StoreContext, 'store'>,
  { tokenizer, facts }: Pick<GrownModel, 'tokenizer' | 'facts'>,
): Promise<OwnTokenizer> {
  return { tokenizer, facts, ref: await ctx.store.put('tokenizer.json', tokenizer.serialize()) };
}

function requireTokenizer(tokenizer: OwnTokenizer | null): OwnTokenizer {
  if (tokenizer !== null) return tokenizer;
  throw cannotGrow('The model has no tokenizer that could be given more tokens.', 'tokenizer', {
    fix: 'Give a model that was trained on text.',
  });
}

function extended(tokenizer: Tokenizer, specials: readonly string[]): Tokenizer {
  const grown = tokenizer.extend?.(specials);
  if (grown?.extended !== undefined) return grown;
  throw cannotGrow('The tokenizer of the model cannot be given special tokens.', 'tokenizer', {
    fix: 'Use a model with a tokenizer of a kind that can (byte-bpe), or give its plugin `extend` and `extended`.',
  });
}

/** The model with a row for each of `ids` ids. */
function withRows(
  ctx: Resolver,
  { architecture, config, tensors, weights }: LiveModel,
  ids: number,
): { readonly shape: ModelShape; readonly weights: TensorDict } {
  const missing = ids - architecture.vocabularySize(config.hyperparameters);
  if (missing <= 0) return { shape: { architecture, config, tensors }, weights };
  if (architecture.growVocabulary === undefined)
    throw cannotGrow(`The architecture ${config.architecture} cannot grow its vocabulary.`, 'architecture', {
      fix: 'Use a model of another architecture, or give its plugin `growVocabulary`.',
    });
  const grown = architecture.growVocabulary(config.hyperparameters, weights, missing);
  return {
    shape: shapeOf(ctx, { ...config, hyperparameters: grown.config }, 'the grown model'),
    weights: grown.weights,
  };
}

/** Tensors with a row per id. */
export function tablesOf({ architecture, config, tensors }: ModelShape): readonly TensorDescription[] {
  const rows = architecture.vocabularySize(config.hyperparameters);
  return tensors.filter(
    ({ role, shape }) => (role === 'embedding' || role === 'output-head') && shape[0] === rows,
  );
}

/** A table [V, d] in which the rows of new tokens are filled in. @param path names the noise: a seed, then words */
function withTokens(
  table: HostTensor,
  tokenizer: Tokenizer,
  added: readonly (readonly [token: string, id: number])[],
  path: readonly [seed: number, ...words: string[]],
): HostTensor {
  const [rows = 0] = table.shape;
  const width = table.data.length / rows;
  const all = Array.from({ length: tokenizer.vocabularySize }, (_, id) => id);
  const mean = meanOfRows(table, width, all);
  const deviation = deviationOfRows(table, width, all, mean);
  const pause = meanOfRows(table, width, pauseOf(tokenizer));
  const data = Float32Array.from(table.data);
  const noise = new Float32Array(width);
  for (const [token, id] of added) {
    const start = MARKS.has(token) ? pause : mean;
    fillNormal(streamKey(path[0], 'grow', ...path.slice(1), token), noise);
    for (let i = 0; i < width; i++) data[id * width + i] = start[i]! + NOISE * deviation[i]! * noise[i]!;
  }
  return { ...table, data };
}

/** Ids of a pause in writing: one where the tokenizer has it as one token. */
function pauseOf(tokenizer: Tokenizer): readonly number[] {
  const written = PAUSES.map((text) => tokenizer.encode(text));
  return written.find((ids) => ids.length === 1) ?? written[0]!;
}

function meanOfRows({ data }: HostTensor, width: number, ids: readonly number[]): Float64Array {
  const mean = new Float64Array(width);
  for (const id of ids) for (let i = 0; i < width; i++) mean[i]! += data[id * width + i]! / ids.length;
  return mean;
}

function deviationOfRows(
  { data }: HostTensor,
  width: number,
  ids: readonly number[],
  mean: Float64Array,
): Float64Array {
  const squares = new Float64Array(width);
  for (const id of ids)
    for (let i = 0; i < width; i++) squares[i]! += (data[id * width + i]! - mean[i]!) ** 2 / ids.length;
  return squares.map(Math.sqrt);
}

function cannotGrow(message: string, at: string, { fix }: { readonly fix: string }): ForgeError {
  return new ForgeError('AF_HANDOFF_INVALID', message, { at, fix });
}
