import { join } from 'node:path';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { Forge } from '../../../../core/contracts/plugin.js';
import { TASK_GENERATOR, type TaskGenerator } from '../../../../core/contracts/task.js';
import { TOOL } from '../../../../core/contracts/tool.js';
import { nearest, type Problem } from '../../../../core/errors/index.js';

/** A concept of a generator. */
export interface Kind {
  readonly generator: TaskGenerator;
  readonly concept: string;
}

/** `arithmetic-tasks/sum`: one concept; `arithmetic-tasks`: all of them. */
const SEPARATOR = '/';

/** All that a name means. @param name of a generator, or of one concept of it; both are known */
export function kindsOf(container: Pick<Forge, 'resolve'>, name: string): Kind[] {
  const [own, concept] = partsOf(name);
  const generator = container.resolve(TASK_GENERATOR, own);
  const concepts = concept === undefined ? generator.concepts : [concept];
  return concepts.map((one) => ({ generator, concept: one }));
}

/** What is wrong with a name: no such generator, no such concept, or a generator that finds nothing to ask about. */
export function kindProblem(
  container: Pick<Forge, 'resolve' | 'names'>,
  at: string,
  name: string,
): Problem[] {
  const [own, concept] = partsOf(name);
  const generators = container.names(TASK_GENERATOR);
  if (!generators.includes(own))
    return [unknown(at, name, { what: 'is no generator of tasks', known: generators, named: own })];
  const { concepts } = container.resolve(TASK_GENERATOR, own);
  if (concept === undefined || concepts.includes(concept)) return [];
  const known = concepts.map((one) => `${own}${SEPARATOR}${one}`);
  return [unknown(at, name, { what: `is no concept of ${own}`, known, named: name })];
}

/**
 * What generators must do before their first question: one that asks a service asks it now, and what it lacks stops the phase
 * here.
 *
 * @param names as in the options
 * @param count about how many questions each is asked for
 * @throws ForgeError of the generator
 */
export async function prepareGenerators(
  ctx: Pick<PhaseContext, 'data' | 'log' | 'seed' | 'resolve'>,
  names: readonly string[],
  count: number,
): Promise<void> {
  for (const own of new Set(names.map((name) => partsOf(name)[0]))) {
    const { data, log, seed } = ctx;
    const generator = ctx.resolve(TASK_GENERATOR, own);
    await generator.prepare?.({ cache: join(data.cache, 'tasks', own), log, seed, count });
  }
}

function partsOf(name: string): [generator: string, concept: string | undefined] {
  const end = name.indexOf(SEPARATOR);
  return end < 0 ? [name, undefined] : [name.slice(0, end), name.slice(end + 1)];
}

/** A generator that is to ask about tools has a concept for each, by its name. */
export function toolKindProblem(
  container: Pick<Forge, 'resolve' | 'names'>,
  at: string,
  name: string,
): Problem[] {
  const found = kindProblem(container, at, name);
  if (found.length > 0) return found;
  const tools = container.names(TOOL);
  const other = kindsOf(container, name).filter(({ concept }) => !tools.includes(concept));
  if (other.length === 0) return [];
  return [
    {
      ...{ at, message: 'does not ask about tools', found: name },
      expected: 'a generator whose concepts are names of tools, as those of tool-tasks are',
      fix: 'name tool-tasks, or set it to null: no tools are taught then',
    },
  ];
}

function unknown(
  at: string,
  found: string,
  {
    what,
    known,
    named,
  }: { readonly what: string; readonly known: readonly string[]; readonly named: string },
): Problem {
  const meant = nearest(named, known);
  return {
    ...{ at, message: what, expected: known.join(', '), found },
    ...(meant === undefined ? {} : { suggestion: meant }),
    fix: 'List the plugin that provides it under `plugins` of the config, or name another.',
  };
}

/** Manuals that stand aside must be of tools that there are. */
export function bystanderProblems(
  container: Pick<Forge, 'names'>,
  at: string,
  names: readonly string[],
): Problem[] {
  const tools = container.names(TOOL);
  return names.flatMap((name, i) =>
    tools.includes(name)
      ? []
      : [unknown(`${at}[${i}]`, name, { what: 'is no tool', known: tools, named: name })],
  );
}
