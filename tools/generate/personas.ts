import { personaLine, personaTag } from '../../core/contracts/persona.js';
import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import { ForgeError, nearest, problemsError } from '../../core/errors/index.js';
import type { ModelSource } from './model-source.js';
import { requireTags } from './require-tags.js';

/** Names of the personas that a model was given. */
export function personasOf({ metadata }: Pick<ModelSource, 'metadata'>): readonly string[] {
  return Object.keys(metadata?.personas?.tags ?? {});
}

/**
 * What stands in front of everything for a persona; empty where none is asked for.
 *
 * @throws ForgeError AF_GENERATE_OPTIONS when the model was not given it, AF_MODEL_TOKENIZER when the tokenizer does not have
 * its token
 */
export function personaFor(
  source: Pick<ModelSource, 'name' | 'at' | 'metadata'>,
  tokenizer: Tokenizer,
  asked: unknown,
): string {
  if (asked === undefined) return '';
  const { name, at } = source;
  const known = personasOf(source);
  if (known.length === 0)
    throw new ForgeError('AF_GENERATE_OPTIONS', `The model ${name} was given no personas.`, {
      ...{ at, facts: { model: name } },
      fix: 'Leave `persona` (`--persona`) out, or choose a model that personas were baked into.',
    });
  if (typeof asked !== 'string' || !known.includes(asked)) throw unknownPersona(asked, name, known);
  requireTags(name, at, { [personaTag(asked)]: source.metadata!.personas!.tags[asked]! }, tokenizer);
  return personaLine(asked);
}

function unknownPersona(asked: unknown, model: string, known: readonly string[]): ForgeError {
  const found = typeof asked === 'string' ? asked : JSON.stringify(asked);
  const suggestion = nearest(found, known);
  return problemsError(
    'AF_GENERATE_OPTIONS',
    'The call',
    [
      {
        ...{ at: 'persona', message: `is no persona of the model ${model}` },
        ...{ expected: known.join(', '), found },
        ...(suggestion === undefined ? {} : { suggestion }),
      },
    ],
    `Personas of ${model}: ${known.join(', ')}.`,
  );
}
