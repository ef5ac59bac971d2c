/** Names that programs of the Hugging Face family use for special tokens, with the texts that usually stand for them. */
const PURPOSES = {
  bos_token: ['<bos>', '<s>', '<|begin_of_text|>', '<|startoftext|>'],
  eos_token: ['<eos>', '</s>', '<|endoftext|>', '<|end_of_text|>'],
  pad_token: ['<pad>', '[PAD]', '<|pad|>'],
  unk_token: ['<unk>', '[UNK]'],
  mask_token: ['<mask>', '[MASK]'],
} as const;

interface TokenizerJson {
  readonly added_tokens?: readonly { readonly content?: unknown; readonly special?: unknown }[];
}

/**
 * `tokenizer_config.json` for other programs: which class reads tokenizer.json, which special token has which purpose,
 * and how long texts may be.
 *
 * @param tokenizer text of tokenizer.json
 * @param contextLength tokens; null when it is not known
 * @returns null when the tokenizer is not in that format
 */
export function tokenizerConfig(tokenizer: string, contextLength: number | null): string | null {
  const document = parse(tokenizer);
  if (document === null) return null;
  const added = (document.added_tokens ?? []).map(({ content }) => content);
  const special = Object.entries(PURPOSES).flatMap(([key, names]) => {
    const name = names.find((each) => added.includes(each));
    return name === undefined ? [] : [[key, name] as const];
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
