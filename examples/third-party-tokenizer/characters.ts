import { defineTokenizer, ForgeError, type Tokenizer } from 'agentforge';

const SPECIAL = ['<pad>', '<bos>', '<eos>', '<unk>'] as const;

/** One id per character of the corpus, the most frequent ones first; what was never seen is unknown. */
export const characters = defineTokenizer({
  name: 'characters',
  description: 'One id per character',
  create: () => ({
    train: async (corpus, { vocabularySize, onProgress }) => {
      const counts = new Map<string, number>();
      for (const text of corpus) for (const one of text) counts.set(one, (counts.get(one) ?? 0) + 1);
      if (counts.size === 0) throw new ForgeError('AF_TOKENIZER_CORPUS', 'The corpus has no characters.');
      const byCount = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
      onProgress?.(1);
      return tokenizer(byCount.slice(0, vocabularySize - SPECIAL.length).map(([one]) => one));
    },
    load: (json) => tokenizer(alphabetOf(json)),
  }),
});

function tokenizer(alphabet: readonly string[]): Tokenizer {
  const tokens = [...SPECIAL, ...alphabet];
  const ids = new Map(alphabet.map((one, i) => [one, i + SPECIAL.length]));
  const [pad, bos, eos, unk] = [0, 1, 2, 3];
  return {
    vocabularySize: tokens.length,
    special: { pad, bos, eos, unk, mask: null },
    encode: (text) => Array.from(text, (one) => ids.get(one) ?? unk),
    decode: (all) => Array.from(all, (id) => alphabet[id - SPECIAL.length] ?? '').join(''),
    serialize: () => `${JSON.stringify(fileOf(tokens), null, 1)}\n`,
  };
}

/** tokenizer.json as the libraries of Hugging Face read it. */
function fileOf(tokens: readonly string[]): object {
  return {
    version: '1.0',
    added_tokens: SPECIAL.map((content, id) => ({ id, content, special: true })),
    pre_tokenizer: { type: 'Split', pattern: { Regex: '(?s).' }, behavior: 'Isolated', invert: false },
    model: {
      type: 'WordLevel',
      unk_token: '<unk>',
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    },
    decoder: { type: 'Fuse' },
  };
}

/** @throws ForgeError AF_TOKENIZER_FORMAT unless the text is what `serialize` writes */
function alphabetOf(json: string): string[] {
  try {
    const { model } = JSON.parse(json) as { model: { type: string; vocab: Record<string, number> } };
    const tokens: string[] = [];
    for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
    const whole = Array.from(tokens, (token) => typeof token === 'string').every(Boolean);
    if (model.type === 'WordLevel' && whole && SPECIAL.every((token, id) => tokens[id] === token))
      return tokens.slice(SPECIAL.length);
  } catch {
    // Said below: it is no such file.
  }
  throw new ForgeError('AF_TOKENIZER_FORMAT', 'This is no tokenizer.json of characters.', {
    at: 'model.vocab',
    fix: 'Give the file that training wrote.',
  });
}

export default characters;
