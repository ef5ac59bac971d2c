import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A folder beside the checkout that tests may read and that need not be there. */
export interface SharedFolder {
  readonly present: boolean;
  path(...parts: string[]): string;
  /** `describe`, or `describe.skip` with a printed line when the folder is absent. */
  readonly describe: typeof describe;
}

function sharedFolder(...parts: string[]): SharedFolder {
  const root = resolve(process.cwd(), '..', 'shared', ...parts);
  const present = existsSync(root);
  if (!present) process.stdout.write(`skipped: ${join('..', 'shared', ...parts)} is not there\n`);
  return {
    present,
    path: (...rest) => join(root, ...rest),
    describe: (present ? describe : describe.skip) as typeof describe,
  };
}

/** Answers of other implementations: ../shared/oracles/<parts>. */
export function oracles(...parts: string[]): SharedFolder {
  return sharedFolder('oracles', ...parts);
}

/** Copies of real datasets: ../shared/data/<parts>. */
export function realData(...parts: string[]): SharedFolder {
  return sharedFolder('data', ...parts);
}
