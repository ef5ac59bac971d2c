import { join } from 'node:path';
import type { Problem } from '../../../core/errors/index.js';
import type { FileSystem } from '../../../storage/file-system.js';
import { hashFile, sha256 } from '../../../storage/hashing.js';
import { storageError } from '../../../storage/io-error.js';
import { readText } from '../../../storage/regular-file.js';
import { namesIn } from '../../../storage/temporary.js';
import { together } from '../../../storage/together.js';
import { isSameModel } from '../assemble.js';
import type { Checkpoint } from '../checkpoints/open.js';

/** Files that say which id each token has; the first that is there decides. */
const VOCABULARIES = [
  'tokenizer.json',
  'tokenizer.model',
  'spiece.model',
  'vocab.json',
  'vocab.txt',
] as const;

/** Everything that belongs to a tokenizer. */
export const TOKENIZER_FILES: readonly string[] = [
  ...VOCABULARIES,
  'added_tokens.json',
  'chat_template.jinja',
  'chat_template.json',
  'merges.txt',
  'special_tokens_map.json',
  'tokenizer_config.json',
];

/** Whose tokenizer the result gets. */
export interface TokenizerChoice {
  /** Null: no model has one. */
  readonly from: Checkpoint | null;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/**
 * Choose the tokenizer: `source` is `base`, `union`, a model, or null for that of the leader. Embeddings are merged row
 * by row, so models that number their tokens differently are refused where a choice was asked for, and warned of where
 * not.
 *
 * @param checkpoints the leader first
 */
export async function chooseTokenizer(
  source: string | null,
  checkpoints: readonly Checkpoint[],
  files: FileSystem,
): Promise<TokenizerChoice> {
  const leader = checkpoints[0]!;
  const signatures = await together(checkpoints.map((checkpoint) => signatureOf(checkpoint, files)));
  const having = checkpoints.filter((_, i) => signatures[i] !== null);
  const wanted =
    source === null
      ? ((having.includes(leader) ? leader : having[0]) ?? null)
      : source === 'base' || source === 'union'
        ? leader
        : (checkpoints.find(({ reference }) => isSameModel(reference, source)) ?? null);
  const missing = wanted === null ? source !== null : !having.includes(wanted);
  if (missing) return { from: null, problems: [noTokenizer(source ?? '', wanted)], warnings: [] };
  if (wanted === null) return { from: null, problems: [], warnings: [] };
  const mine = signatures[checkpoints.indexOf(wanted)];
  const others = checkpoints.filter((_, i) => signatures[i] !== null && signatures[i] !== mine);
  if (others.length === 0) return { from: wanted, problems: [], warnings: [] };
  const names = others.map(({ reference }) => reference).join(', ');
  const message = `${names} ${others.length === 1 ? 'numbers' : 'number'} tokens differently from ${wanted.reference}`;
  if (source === null)
    return { from: wanted, problems: [], warnings: [`${message}: the merged embeddings may mean nothing.`] };
  return { from: wanted, problems: [differentTokens(message, source)], warnings: [] };
}

/** Names of the tokenizer files in a folder. */
export async function tokenizerFiles({ folder }: Checkpoint, files: FileSystem): Promise<string[]> {
  const names = await namesIn(folder, files);
  return TOKENIZER_FILES.filter((name) => names.includes(name)).sort();
}

function noTokenizer(source: string, wanted: Checkpoint | null): Problem {
  if (wanted === null)
    return {
      at: 'tokenizer_source',
      message: `${source} is not one of the models of the merge`,
      fix: 'Name a model of the recipe, base or union.',
    };
  return {
    at: wanted.reference,
    source: wanted.folder,
    message: 'the model whose tokenizer was asked for has none',
    expected: `one of ${VOCABULARIES.join(', ')}`,
    fix: 'Add its tokenizer files, or leave the tokenizer out of the recipe.',
  };
}

function differentTokens(message: string, source: string): Problem {
  return {
    at: 'tokenizer_source',
    message: `${message}, and embeddings are not reordered`,
    found: source,
    fix: 'Merge models with the same vocabulary; or leave tokenizer_source out if you know that the ids agree.',
  };
}

/** What tells whether two models number their tokens alike; null without a tokenizer. */
async function signatureOf({ folder }: Checkpoint, files: FileSystem): Promise<string | null> {
  const names = await namesIn(folder, files);
  const name = VOCABULARIES.find((each) => names.includes(each));
  if (name === undefined) return null;
  const path = join(folder, name);
  try {
    if (name !== 'tokenizer.json') return (await hashFile(path, files)).sha256;
    return vocabularyHash(await readText(path, files));
  } catch (error) {
    throw storageError(error, `read ${name}`, path);
  }
}

interface TokenizerJson {
  readonly model?: { readonly vocab?: unknown };
  readonly added_tokens?: readonly { readonly id: number; readonly content: string }[];
}

/** Hash of all tokens with their ids; of the text when it has no vocabulary that we know how to read. */
function vocabularyHash(text: string): string {
  try {
    const { model, added_tokens: added = [] } = JSON.parse(text) as TokenizerJson;
    const vocabulary = model?.vocab;
    if (typeof vocabulary !== 'object' || vocabulary === null) return sha256(text);
    const tokens = Array.isArray(vocabulary)
      ? vocabulary.map((entry, id) => [String(Array.isArray(entry) ? entry[0] : entry), id] as const)
      : Object.entries(vocabulary as Record<string, number>);
    const all = new Map<string, number>([
      ...tokens,
      ...added.map(({ content, id }) => [content, id] as const),
    ]);
    return sha256(JSON.stringify([...all].sort(([, a], [, b]) => a - b)));
  } catch {
    return sha256(text);
  }
}
