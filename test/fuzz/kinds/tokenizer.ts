import { TOKENIZER } from '../../../core/contracts/tokenizer.js';
import { byteBpe } from '../../../plugins/tokenizers/index.js';
import { implementationOf } from '../../../testing/implementation.js';
import type { Tokenizer } from '../../../core/contracts/tokenizer.js';
import type { DocumentKind } from '../kind.js';
import { mutateBytes, mutateJson } from '../mutate.js';

const CORPUS = [
  'the cat sat on the mat',
  'the dog sat on the log',
  'naïve café — “quotes” 日本語',
  '1234 5678 + 90 = ?',
];
const TEXTS = ['', 'the cat', 'naïve 日本 \u0000\ud83d\ude00', '  <|endoftext|> x\n\n', '99 + 1'];

/** tokenizer.json: whatever is accepted turns texts into ids of its vocabulary and back into the same texts. */
export const tokenizer: DocumentKind = {
  name: 'tokenizer',
  open: async () => {
    const plugin = await implementationOf(TOKENIZER, byteBpe());
    const trained = await plugin.train(CORPUS, { vocabularySize: 290 });
    const original = JSON.parse(trained.serialize()) as unknown;
    return async (random) => {
      const text = JSON.stringify(random.uniform() < 0.8 ? mutateJson(original, random).document : original);
      const bytes = random.uniform() < 0.3 ? mutateBytes(Buffer.from(text), random) : Buffer.from(text);
      return {
        bytes,
        read: async () => plugin.load(new TextDecoder().decode(bytes)),
        whyWrong: (accepted) =>
          TEXTS.map((each) => roundTrip(accepted as Tokenizer, each)).find(Boolean) ?? null,
      };
    };
  },
};

function roundTrip(made: Tokenizer, text: string): string | null {
  const ids = made.encode(text);
  const outside = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < made.vocabularySize));
  if (outside !== undefined) return `id ${outside} is outside of ${made.vocabularySize}`;
  const back = made.decode(ids);
  return back === text ? null : `${JSON.stringify(text)} came back as ${JSON.stringify(back)}`;
}
