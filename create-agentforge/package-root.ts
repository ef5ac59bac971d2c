import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where this package begins, seen from this file: here, or above `dist/` once built. */
const ROOTS = ['.//', '../'];

/** Absolute path of `template/`. */
export function templateFolder(): string {
  return fileURLToPath(new URL('template/', root()));
}

/** Version of this package, which is agentforge's: they are released together. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root()), 'utf8')) as {
    readonly version: string;
  };
  return version;
}

function root(): URL {
  const found = ROOTS.map((path) => new URL(path, import.meta.url)).find((url) =>
    existsSync(new URL('template/', url)),
  );
  if (found === undefined) throw new Error('create-agentforge is incomplete: template/ is missing.');
  return found;
}
