import { createHash } from 'node:crypto';
import { isPlainObject } from '../validation/plain.js';

/**
 * One text per value: keys sorted, members that are undefined left out, functions and instances by a hash of their
 * source. Equal configs give equal texts on every machine.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(canonical(value));
}

/** sha256 of a text, in hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((member) => (member === undefined ? null : canonical(member)));
  if (typeof value === 'function') return `[function ${sha256(String(value))}]`;
  if (typeof value === 'bigint') return `${value.toString()}n`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (isPlainObject(value)) {
    const keys = Object.keys(value).sort();
    return Object.fromEntries(
      keys.filter((key) => value[key] !== undefined).map((key) => [key, canonical(value[key])]),
    );
  }
  return typeof value === 'object' && value !== null ? `[${value.constructor.name}]` : value;
}
