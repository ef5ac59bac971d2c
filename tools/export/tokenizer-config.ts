import type { ModelMetadata } from '../../core/contracts/model.js';

/** Names that programs of the Hugging Face family use for special tokens, with the texts that usually stand for them. */
const PURPOSES = {
  bos: ['<bos>', '<s>', '<|begin_of_text|>', '<|startoftext|>'],
  eos: ['<eos>', '</s>', '<|endoftext|>', '<|end_of_text|>'],
  pad: ['<pad>', '[PAD]', '<|pad|>'],
  unk: ['<unk>', '[UNK]'],
  mask: ['<mask>', '[MASK]'],
} as const;

interface TokenizerJson {
  readonly added_tokens?: readonly { readonly id?: unknown; readonly content?: unknown }[];
}

/**
 * `tokenizer_config.json` for other programs: which class reads tokenizer.json, which special token has which purpose,
 * and how long texts may be.
 *
 * @param tokenizer text of tokenizer.json
 * @param recorded ids of the special tokens where the model records them; otherwise the usual texts are looked for
 * @param contextLength tokens; null when it is not known
 * @returns null when the tokenizer is not in that format
 */
export function tokenizerConfig(
  tokenizer: string,
  recorded: ModelMetadata['special_tokens'],
  contextLength: number | null,
): string | null {
  const document = parse(tokenizer);
  if (document === null) return null;
  const added = document.added_tokens ?? [];
  const special = Object.entries(PURPOSES).flatMap(([purpose, names]) => {
    const token = recorded
      ? added.find(({ id }) => id === recorded[purpose])
      : names.map((name) => added.find(({ content }) => content === name)).find((each) => each !== undefined);
    return typeof token?.content === 'string' ? [[`${purpose}_token`, token.content] as const] : [];
  });
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    ...Object.fromEntries(special),
    ...(contextLength === null ? {} : { model_max_length: contextLength }),
    clean_up_tokenization_spaces: false,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

function parse(text: string): TokenizerJson | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'model' in value ? (value as TokenizerJson) : null;
  } catch {
    return null;
  }
}
