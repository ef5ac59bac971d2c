import type { Forge } from '../../../core/contracts/plugin.js';
import { TASK_GENERATOR, type TaskGenerator } from '../../../core/contracts/task.js';
import { nearest, type Problem } from '../../../core/errors/index.js';

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

function partsOf(name: string): [generator: string, concept: string | undefined] {
  const end = name.indexOf(SEPARATOR);
  return end < 0 ? [name, undefined] : [name.slice(0, end), name.slice(end + 1)];
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
