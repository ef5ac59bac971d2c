import { Type } from '@sinclair/typebox';
import { withDefault, type OptionsOutput } from '../../../core/contracts/options.js';
import {
  defineTokenizer,
  type Tokenizer,
  type TokenizerTrainingOptions,
} from '../../../core/contracts/tokenizer.js';
import { ForgeError } from '../../../core/errors/index.js';
import { ALPHABET } from './alphabet.js';
import { compilePattern, DIGITS_PATTERN, GPT2_PATTERN } from './pattern.js';
import { isolate } from './pre-tokenizer.js';
import { writeTokenizerJson } from './tokenizer-json.js';
import { ByteBpeTokenizer } from './tokenizer.js';
import { trainBpe } from './trainer.js';

const specialToken = (value: string) =>
  withDefault(
    Type.Union([Type.String({ minLength: 1 }), Type.Null()], {
      description: 'Its text; null leaves it out.',
    }),
    value,
  );

const ByteBpeOptions = Type.Object(
  {
    digits: withDefault(Type.Boolean({ description: 'Every digit is a token of its own.' }), true),
    minFrequency: withDefault(
      Type.Integer({ minimum: 1, description: 'A pair seen less often is not joined.' }),
      2,
    ),
    specialTokens: withDefault(
      Type.Object(
        {
          pad: specialToken('<pad>'),
          eos: specialToken('<eos>'),
          bos: specialToken('<bos>'),
          unk: specialToken('<unk>'),
          mask: specialToken('<mask>'),
        },
        { additionalProperties: false },
      ),
      { pad: '<pad>', eos: '<eos>', bos: '<bos>', unk: '<unk>', mask: '<mask>' },
    ),
    extraTokens: withDefault(
      Type.Array(Type.String({ minLength: 1 }), {
        uniqueItems: true,
        description: 'Further tokens that are never cut.',
      }),
      [],
    ),
  },
  { additionalProperties: false },
);

type Options = OptionsOutput<typeof ByteBpeOptions>;

/**
 * Byte-level byte-pair encoding, trained on the run's own corpus and kept as Hugging Face `tokenizer.json`.
 * Ids: the 256 bytes, the learnt tokens, then the special tokens (pad, eos, bos, unk, mask) and the extra ones.
 * The vocabulary is smaller than asked for when the corpus runs out of frequent pairs.
 */
export const byteBpe = defineTokenizer({
  name: 'byte-bpe',
  description: 'Byte-level BPE trained on the corpus, saved as Hugging Face tokenizer.json',
  options: ByteBpeOptions,
  create: (options) => ({
    train: (corpus: Iterable<string>, training: TokenizerTrainingOptions) => train(corpus, training, options),
    load: (json: string) => new ByteBpeTokenizer(json, options.specialTokens),
  }),
});

async function train(
  corpus: Iterable<string>,
  training: TokenizerTrainingOptions,
  options: Options,
): Promise<Tokenizer> {
  const special = specialTokens(options);
  const size = training.vocabularySize - special.length;
  if (size < ALPHABET.length) {
    throw new ForgeError('AF_TOKENIZER_CORPUS', `a vocabulary of ${training.vocabularySize} is too small`, {
      fix: `ask for at least ${ALPHABET.length + special.length}: 256 bytes and ${special.length} special tokens`,
    });
  }
  const pattern = options.digits ? DIGITS_PATTERN : GPT2_PATTERN;
  const words = countWords(corpus, pattern);
  if (words.size === 0) {
    throw new ForgeError('AF_TOKENIZER_CORPUS', 'the corpus holds no text', {
      fix: 'give the tokenizer records to learn from',
    });
  }
  const trained = await trainBpe(words, {
    size,
    minFrequency: options.minFrequency,
    onProgress: training.onProgress,
  });
  return new ByteBpeTokenizer(writeTokenizerJson(trained, pattern, special), options.specialTokens);
}

function specialTokens(options: Options): readonly string[] {
  const { pad, eos, bos, unk, mask } = options.specialTokens;
  const present = [pad, eos, bos, unk, mask].filter((token): token is string => token !== null);
  return [...new Set([...present, ...options.extraTokens])];
}

function countWords(corpus: Iterable<string>, pattern: string): ReadonlyMap<string, number> {
  const cut = isolate(compilePattern(pattern));
  const words = new Map<string, number>();
  for (const text of corpus) {
    for (const piece of cut(text)) words.set(piece, (words.get(piece) ?? 0) + 1);
  }
  return words;
}
