import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import { ForgeError } from '../../core/errors/index.js';

/**
 * Otherwise marks would be written into the text, or text taken for marks.
 *
 * @param tags that the record of a model names, with their ids
 * @throws ForgeError AF_MODEL_TOKENIZER when its tokenizer has one of them not, or with another id
 */
export function requireTags(
  name: string,
  at: string,
  tags: Readonly<Record<string, number>>,
  { extended }: Tokenizer,
): void {
  for (const [tag, id] of Object.entries(tags)) {
    if (extended?.get(tag) === id) continue;
    throw new ForgeError(
      'AF_MODEL_TOKENIZER',
      `The tokenizer of ${name} has no tag ${tag} with the id ${id}.`,
      {
        at,
        fix: 'Use the tokenizer file that belongs to the model; one that another program wrote again may have lost it.',
        facts: { tag, id, found: extended?.get(tag) ?? null },
      },
    );
  }
}
