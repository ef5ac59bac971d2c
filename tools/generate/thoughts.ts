import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import { ForgeError, problemsError, type Problem } from '../../core/errors/index.js';
import type { ThinkingOptions } from '../../nn/generation/index.js';
import type { GenerateOptions } from './model.js';
import type { ModelSource } from './model-source.js';
import { requireTags } from './require-tags.js';

/**
 * How a model thinks while it writes; nothing where it was not asked to.
 *
 * @throws ForgeError AF_GENERATE_OPTIONS when it is asked and was not taught to, AF_MODEL_TOKENIZER when its record names
 * tags that its tokenizer does not have
 */
export async function thinkingFor(
  { name, at, metadata }: Pick<ModelSource, 'name' | 'at' | 'metadata'>,
  tokenizer: Tokenizer,
  asked: GenerateOptions['thoughts'] = false,
): Promise<ThinkingOptions | undefined> {
  const atStart = atStartOf(asked);
  if (asked === false) return undefined;
  const facts = metadata?.thoughts ?? null;
  if (facts === null)
    throw new ForgeError('AF_GENERATE_OPTIONS', `The model ${name} was not taught to think.`, {
      ...{ at, facts: { model: name } },
      fix: 'Leave `thoughts` (`--thoughts`) out, or choose a model that a phase taught to think.',
    });
  requireTags(name, at, facts.tags, tokenizer);
  const { thinkingOf } = await import('../../nn/generation/index.js');
  return { ...thinkingOf(facts), atStart };
}

function atStartOf(asked: unknown): boolean | 'chosen' {
  if (typeof asked === 'boolean') return true;
  const { atStart = true, ...others } = (asked ?? { asked }) as Record<string, unknown>;
  if ((typeof atStart === 'boolean' || atStart === 'chosen') && Object.keys(others).length === 0)
    return atStart;
  const problem: Problem = { at: 'thoughts', message: 'cannot be used', found: JSON.stringify(asked) };
  throw problemsError(
    'AF_GENERATE_OPTIONS',
    'The call',
    [{ ...problem, expected: 'true, false or { atStart }' }],
    'Mend the options; nothing was written.',
  );
}
