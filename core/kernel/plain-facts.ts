import { describeValue } from '../validation/describe.js';
import { isPlainObject } from '../validation/plain.js';

/**
 * A frozen copy of facts, as data that every sink can write: what JSON cannot hold (functions, big integers, a
 * reference to an object above it) is put in words.
 */
export function plainFacts(facts: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return copyOf(facts, []) as Readonly<Record<string, unknown>>;
}

function copyOf(value: unknown, above: readonly object[]): unknown {
  if (value === null || value === undefined) return value;
  if (typeof value === 'function' || typeof value === 'bigint' || typeof value === 'symbol')
    return describeValue(value);
  if (typeof value !== 'object') return value;
  if (above.includes(value)) return 'a reference to an object above it';
  const path = [...above, value];
  if (Array.isArray(value)) return Object.freeze(value.map((member) => copyOf(member, path)));
  if (value instanceof Error) return value.message;
  if (!isPlainObject(value)) return value;
  const members = Object.entries(value).map(([key, member]) => [key, copyOf(member, path)] as const);
  return Object.freeze(Object.fromEntries(members));
}
