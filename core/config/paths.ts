import { isAbsolute, relative, resolve } from 'node:path';
import { isPathOption } from '../contracts/options.js';
import { isPlainObject } from '../validation/plain.js';
import { branchesOf, memberSchema } from './schema-walk.js';

/**
 * A value with its relative paths, written as seen from `folder`, written as seen from `base` instead. Which strings
 * are paths the schema says; a value without any is given back as it is.
 */
export function rebasePaths(value: unknown, schema: unknown, folder: string, base: string): unknown {
  if (folder === base) return value;
  return mapPaths(value, schema, (path) => {
    const seen = relative(base, resolve(folder, path));
    return seen === '' ? '.' : seen;
  });
}

/** A value with its relative paths made absolute. */
export function absolutePaths<T>(value: T, schema: unknown, base: string): T {
  return mapPaths(value, schema, (path) => resolve(base, path)) as T;
}

function mapPaths(value: unknown, schema: unknown, change: (path: string) => string): unknown {
  if (schema === undefined) return value;
  if (typeof value === 'string') {
    const isPath = value !== '' && !isAbsolute(value) && branchesOf(schema).some(isPathOption);
    return isPath ? change(value) : value;
  }
  if (Array.isArray(value))
    return value.map((member, index) => mapPaths(member, memberSchema(schema, index), change));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, mapPaths(member, memberSchema(schema, key), change)]),
  );
}
