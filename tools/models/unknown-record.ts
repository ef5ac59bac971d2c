import { ForgeError, nearest } from '../../core/errors/index.js';

const MOST_LISTED = 10;

/** A name that the registry does not know: what there is, and which one was probably meant. */
export function unknownRecord(kind: 'session' | 'model', name: string, known: readonly string[]): ForgeError {
  const suggestion = nearest(name, known);
  const list = kind === 'session' ? 'agentforge status' : 'agentforge models';
  const fix =
    known.length === 0
      ? `There is no ${kind} yet: agentforge run makes one.`
      : `${suggestion === undefined ? '' : `Did you mean ${suggestion}? `}${list} lists what there is.`;
  return new ForgeError('AF_REGISTRY_NOT_FOUND', `There is no ${kind} "${name}".`, {
    at: `${kind} ${name}`,
    fix,
    facts: { [kind]: name, known: known.slice(0, MOST_LISTED), suggestion: suggestion ?? null },
  });
}
