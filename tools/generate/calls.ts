import { TOOL, toolNameTag, type Tool, type ToolFacts } from '../../core/contracts/tool.js';
import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import { ForgeError, nearest, problemsError, type Problem } from '../../core/errors/index.js';
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
): Promise<CallsAsked | undefined> {
  const manuals = manualsAsked(asked);
  if (manuals === null) return undefined;
  const facts = metadata?.tools ?? null;
  if (facts === null)
    throw new ForgeError('AF_GENERATE_OPTIONS', `The model ${name} was not taught to call tools.`, {
      ...{ at, facts: { model: name } },
      fix: 'Leave `tools` (`--tools`) out, or choose a model that a phase taught to call them.',
    });
  requireTags(name, at, tagsOf(facts), tokenizer);
  const provided = Object.keys(facts.names).map((tool) => [tool, toolOf(tools, tool, name, at)] as const);
  const { ToolRuntime } = await import('../../nn/tools/index.js');
  const lines = linesOf(new Map(provided), manuals);
  return { calling: { facts, runtime: new ToolRuntime(new Map(provided)) }, manuals: lines };
}

/** How calls are made, and what stands in front of the prompt. */
export interface CallsAsked {
  readonly calling: Omit<Calling, 'tokenizer'>;
  /** Lines with manuals; tags in them are their tokens. */
  readonly manuals: readonly string[];
}

/** The first wording of each manual. @throws ForgeError AF_GENERATE_OPTIONS for a tool that the model does not know */
function linesOf(tools: ReadonlyMap<string, Tool>, manuals: readonly string[] | 'all'): string[] {
  const known = [...tools.keys()];
  const names = manuals === 'all' ? known : manuals;
  const problems = names.flatMap((name, i): Problem[] => {
    if (tools.has(name)) return [];
    const suggestion = nearest(name, known);
    return [
      {
        ...{ at: `tools.manuals[${i}]`, message: 'is no tool that the model knows' },
        ...{ expected: known.join(', '), found: name },
        ...(suggestion === undefined ? {} : { suggestion }),
      },
    ];
  });
  if (problems.length > 0) throw wrongCall(problems);
  return names.map((name) => `${tools.get(name)!.manual.wordings[0]!}\n`);
}

/** Names of the tools whose manuals are asked for; null: it may not call any tool. */
function manualsAsked(asked: unknown): readonly string[] | 'all' | null {
  if (typeof asked === 'boolean') return asked ? [] : null;
  const manuals = (asked as { readonly manuals?: unknown } | null)?.manuals;
  if (manuals === 'all') return manuals;
  if (Array.isArray(manuals) && manuals.every((name) => typeof name === 'string')) return manuals;
  const expected = 'true, false, or { manuals } with names of tools or "all"';
  throw wrongCall([{ at: 'tools', message: 'cannot be used', expected, found: JSON.stringify(asked) }]);
}

function wrongCall(problems: readonly Problem[]): ForgeError {
  return problemsError('AF_GENERATE_OPTIONS', 'The call', problems, 'Mend the options; nothing was written.');
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
