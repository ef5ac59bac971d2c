import { existsSync, readFileSync } from 'node:fs';

/** Where package.json lies, seen from this file: beside the sources' folder, or beside `dist/` once built. */
const PLACES = ['../package.json', '../../package.json'];

/** Version of this package. */
export function packageVersion(): string {
  for (const place of PLACES) {
    const file = new URL(place, import.meta.url);
    if (!existsSync(file)) continue;
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
    return version;
  }
  return 'unknown';
}
