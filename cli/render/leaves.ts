import { joinPath } from '../../core/validation/path.js';

/** A value inside a document that has no parts of its own (an empty list or object counts as one). */
export interface Leaf {
  readonly path: string;
  readonly value: unknown;
}

/** Every leaf of a document with its config path, in order. */
export function leavesOf(value: unknown, base = ''): readonly Leaf[] {
  if (typeof value !== 'object' || value === null) return [{ path: base, value }];
  const entries: (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  if (entries.length === 0) return [{ path: base, value }];
  return entries.flatMap(([key, part]) => leavesOf(part, joinPath(base, key)));
}
