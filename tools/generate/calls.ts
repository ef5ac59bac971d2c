import { TOOL, toolNameTag, type Tool, type ToolFacts } from '../../core/contracts/tool.js';
import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import { ForgeError, nearest, problemsError } from '../../core/errors/index.js';
import type { Kernel } from '../../core/kernel/types.js';
import type { Calling } from '../../nn/generation/index.js';
import type { ModelSource } from './model-source.js';
import { requireTags } from './require-tags.js';

/** Tools of a kernel, as the config has them. */
export type Tools = Pick<Kernel, 'names' | 'resolve'>;

/**
 * How a model calls tools while it writes; nothing where it was not asked to. Its tools are those of the record, provided
 * by the plugins of the project.
 *
 * @param asked the option as it was given
 * @throws ForgeError AF_GENERATE_OPTIONS when it is asked and was not taught to, AF_MODEL_TOKENIZER when its record names
 * tags that its tokenizer does not have, AF_PLUGIN_UNKNOWN when no plugin provides a tool that it may call
 */
export async function callingFor(
  { name, at, metadata }: Pick<ModelSource, 'name' | 'at' | 'metadata'>,
  tokenizer: Tokenizer,
  tools: Tools,
  asked: unknown = false,
): Promise<Omit<Calling, 'tokenizer'> | undefined> {
  if (!isAsked(asked)) return undefined;
  const facts = metadata?.tools ?? null;
  if (facts === null)
    throw new ForgeError('AF_GENERATE_OPTIONS', `The model ${name} was not taught to call tools.`, {
      ...{ at, facts: { model: name } },
      fix: 'Leave `tools` (`--tools`) out, or choose a model that a phase taught to call them.',
    });
  requireTags(name, at, tagsOf(facts), tokenizer);
  const provided = Object.keys(facts.names).map((tool) => [tool, toolOf(tools, tool, name, at)] as const);
  const { ToolRuntime } = await import('../../nn/tools/index.js');
  return { facts, runtime: new ToolRuntime(new Map(provided)) };
}

function isAsked(asked: unknown): boolean {
  if (typeof asked === 'boolean') return asked;
  throw problemsError(
    'AF_GENERATE_OPTIONS',
    'The call',
    [{ at: 'tools', message: 'cannot be used', expected: 'true or false', found: JSON.stringify(asked) }],
    'Mend the options; nothing was written.',
  );
}

/** Tags and names of tools, as the tokenizer spells them. */
function tagsOf({ tags, names }: ToolFacts): Readonly<Record<string, number>> {
  const named = Object.entries(names).map(([name, id]) => [toolNameTag(name), id] as const);
  return { ...tags, ...Object.fromEntries(named) };
}

function toolOf(tools: Tools, tool: string, model: string, at: string): Tool {
  const known = tools.names(TOOL);
  if (known.includes(tool)) return tools.resolve(TOOL, tool);
  throw new ForgeError(
    'AF_PLUGIN_UNKNOWN',
    `The model ${model} calls the tool "${tool}", and no plugin provides it.`,
    {
      at,
      fix: `List the plugin that provides it under \`plugins\` of the config. Known: ${known.join(', ')}.`,
      facts: { tool, known, suggestion: nearest(tool, known) ?? null },
    },
  );
}
