import { isObject } from './is-object.js';

type Json = Readonly<Record<string, unknown>>;

const PURPOSES = ['pad', 'bos', 'eos', 'unk', 'mask'] as const;

/** Texts of the files beside the weights that say which token has which purpose; null where there is no such file. */
export interface SpecialTokenFiles {
  readonly tokenizer: string | null;
  /** tokenizer_config.json: `eos_token` is a text, or an object with its `content`. */
  readonly tokenizerConfig: string | null;
  /** Parsed config.json and generation_config.json: `eos_token_id` is an id, or a list of them. */
  readonly configs: readonly unknown[];
}

/**
 * Ids of special tokens by purpose, as the files of other programs name them: what tokenizer_config.json says counts
 * first; of several ids for one purpose the first. A purpose that no file mentions is left out.
 */
export function specialTokens(files: SpecialTokenFiles): Readonly<Record<string, number | null>> {
  const names = parsed(files.tokenizerConfig);
  const ids = idsByToken(parsed(files.tokenizer));
  const found = PURPOSES.flatMap((purpose) => {
    const id = namedToken(names, purpose, ids) ?? numberedToken(files.configs, purpose);
    return id === undefined ? [] : [[purpose, id] as const];
  });
  return Object.fromEntries(found);
}

function namedToken(
  names: Json,
  purpose: string,
  ids: ReadonlyMap<string, number>,
): number | null | undefined {
  const written = names[`${purpose}_token`];
  if (written === null) return null;
  const text: unknown = isObject(written) ? written['content'] : written;
  return typeof text === 'string' ? ids.get(text) : undefined;
}

function numberedToken(configs: readonly unknown[], purpose: string): number | undefined {
  for (const config of configs) {
    const written = isObject(config) ? config[`${purpose}_token_id`] : undefined;
    const id: unknown = Array.isArray(written) ? written[0] : written;
    if (Number.isSafeInteger(id) && (id as number) >= 0) return id as number;
  }
  return undefined;
}

/** Every token of a tokenizer.json that gives its vocabulary as an object. */
function idsByToken({ model, added_tokens: added }: Json): ReadonlyMap<string, number> {
  const vocabulary = isObject(model) && isObject(model['vocab']) ? model['vocab'] : {};
  const ids = new Map(Object.entries(vocabulary) as [string, number][]);
  for (const token of Array.isArray(added) ? (added as unknown[]) : [])
    if (isObject(token)) ids.set(String(token['content']), token['id'] as number);
  return ids;
}

function parsed(text: string | null): Json {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
