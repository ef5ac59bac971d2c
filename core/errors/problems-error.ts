import type { ErrorCode } from './catalogue.js';
import { ForgeError, type Problem } from './forge-error.js';

/** One error for many problems; its message tells the first, `problems` all. */
export function problemsError(
  code: ErrorCode,
  subject: string,
  problems: readonly Problem[],
  fix: string,
): ForgeError {
  const [first] = problems;
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems, the first`;
  const where =
    first === undefined
      ? ''
      : [first.source, first.at].filter((text) => text !== undefined && text !== '').join(': ');
  const what = first === undefined ? '' : `${where} ${first.message}${hint(first)}`;
  return new ForgeError(code, `${subject} has ${count}: ${what}.`, { at: where, problems, fix });
}

function hint({ expected, found, suggestion }: Problem): string {
  if (suggestion !== undefined) return ` (did you mean "${suggestion}"?)`;
  if (expected === undefined) return '';
  return found === undefined ? ` (expected ${expected})` : ` (expected ${expected}, found ${found})`;
}
