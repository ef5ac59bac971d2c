import { builtinModules } from 'node:module';
import { basename } from 'node:path';
import { usage } from './failure.js';

const ALLOWED = /^[a-z0-9][a-z0-9._-]{0,213}$/;

/**
 * The package name of a project: the name of its folder.
 *
 * @param taken packages the project depends on; npm installs no package into one of its own name
 * @throws Failure with exit code 2 when npm would refuse it
 */
export function projectName(folder: string, taken: readonly string[]): string {
  const name = basename(folder);
  const reserved = [...taken, ...builtinModules, 'node_modules', 'favicon.ico'];
  if (ALLOWED.test(name) && !reserved.includes(name)) return name;
  const fit = fitting(name, reserved);
  const why = ALLOWED.test(name)
    ? 'it is the name of something else'
    : 'small letters, digits, dots, dashes and underscores do, and the first is a letter or a digit';
  throw usage(
    `npm does not take "${name}" as the name of a package: ${why}.`,
    `Name the folder otherwise, for example ${fit}.`,
  );
}

function fitting(name: string, reserved: readonly string[]): string {
  const bare = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 100);
  if (bare === '') return 'my-models';
  return reserved.includes(bare) ? `my-${bare}` : bare;
}
