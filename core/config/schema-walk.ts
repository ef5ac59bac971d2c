import { isPlainObject } from '../validation/plain.js';

/** A schema, and those it is a union of. */
export function branchesOf(schema: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!isPlainObject(schema)) return [];
  const parts = ['anyOf', 'oneOf', 'allOf'].flatMap((key) =>
    Array.isArray(schema[key]) ? (schema[key] as unknown[]) : [],
  );
  return [schema, ...parts.flatMap(branchesOf)];
}

/** The schema of a member of a record or list; undefined where none says anything about it. */
export function memberSchema(schema: unknown, key: string | number): unknown {
  for (const branch of branchesOf(schema)) {
    const found = typeof key === 'number' ? itemSchema(branch, key) : propertySchema(branch, key);
    if (isPlainObject(found)) return found;
  }
  return undefined;
}

function itemSchema({ items }: Readonly<Record<string, unknown>>, index: number): unknown {
  return Array.isArray(items) ? items[index] : items;
}

function propertySchema(branch: Readonly<Record<string, unknown>>, key: string): unknown {
  const { properties, patternProperties, additionalProperties } = branch;
  if (isPlainObject(properties) && Object.hasOwn(properties, key)) return properties[key];
  const patterns = isPlainObject(patternProperties) ? Object.entries(patternProperties) : [];
  return patterns.find(([pattern]) => new RegExp(pattern).test(key))?.[1] ?? additionalProperties;
}
