import { existsSync, readFileSync } from 'node:fs';
import { ForgeError } from '../errors/index.js';

/** A JSON document of the `schemas/` folder. */
export type SchemaDocument = Readonly<Record<string, unknown>>;

/** Where `schemas/` lies, seen from this file: beside the sources, or beside `dist/` once built. */
const FOLDERS = ['../../schemas/', '../../../schemas/'] as const;

/**
 * Read a document of `schemas/`, for example `loadSchema('metrics.json')` or
 * `loadSchema('handoff/cognate-to-evomerge.schema.json')`. Reads the file on every call: keep the result where
 * it is needed more than once.
 *
 * @param name path below `schemas/`, with forward slashes
 * @throws ForgeError AF_INTERNAL when the package has no such file or it is not a JSON object
 */
export function loadSchema<T extends object = SchemaDocument>(name: string): T {
  const file = schemaFile(name);
  try {
    const document: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document as T;
  } catch (cause) {
    throw new ForgeError('AF_INTERNAL', `schemas/${name} cannot be read.`, {
      cause,
      fix: 'Reinstall agentforge.',
    });
  }
  throw new ForgeError('AF_INTERNAL', `schemas/${name} is not a JSON object.`, {
    fix: 'Reinstall agentforge.',
  });
}

function schemaFile(name: string): URL {
  for (const folder of FOLDERS) {
    const file = new URL(folder + name, import.meta.url);
    if (existsSync(file)) return file;
  }
  throw new ForgeError('AF_INTERNAL', `There is no schemas/${name} in this package.`, {
    at: `schemas/${name}`,
    fix: 'Reinstall agentforge.',
  });
}
