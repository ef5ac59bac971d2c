import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOKENIZER } from '../../../core/contracts/tokenizer.js';
import { byteBpe } from '../../../plugins/tokenizers/index.js';
import { implementationOf } from '../../../testing/implementation.js';
import { oracles } from '../../support/oracles.js';

/** What another family of models changes in the tokenizer.json of the oracles, and what the reference then answers. */
interface Form {
  readonly name: string;
  readonly changes: Readonly<Record<string, unknown>>;
  readonly ignore_merges: boolean;
  /** Behind those that are there. */
  readonly added: readonly { readonly id: number; readonly content: string }[];
  readonly cases: readonly { readonly text: string; readonly ids: readonly number[] }[];
}

interface TokenizerJson {
  readonly added_tokens: readonly object[];
  readonly model: object;
}

const folder = oracles('tokenizers');

/** Answers of Hugging Face tokenizers 0.23.2. */
const forms = JSON.parse(
  readFileSync(join(process.cwd(), 'test/plugins/tokenizers/forms-of-others.json'), 'utf8'),
) as readonly Form[];

folder.describe('tokenizers of the forms that other families of models have', () => {
  it.each(forms.map((form) => [form.name, form] as const))(
    'encode as the reference does: %s',
    async (_, { changes, ignore_merges, added, cases }) => {
      const base = JSON.parse(readFileSync(folder.path('tokenizer.json'), 'utf8')) as TokenizerJson;
      const kind = await implementationOf(TOKENIZER, byteBpe());
      const tokenizer = kind.load(
        JSON.stringify({
          ...{ ...base, ...changes },
          added_tokens: [...base.added_tokens, ...added],
          model: { ...base.model, ignore_merges },
        }),
      );
      expect(tokenizer.vocabularySize).toBe(1024 + added.length);
      for (const { text, ids } of cases) expect({ text, ids: tokenizer.encode(text) }).toEqual({ text, ids });
    },
  );
});
