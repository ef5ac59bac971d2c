import { ForgeError } from '../core/errors/index.js';

/**
 * Encode state as JSON, refusing everything JSON would lose or change without a word: NaN, infinities, functions,
 * symbols, big integers, holes, class instances, typed arrays, maps, dates, cycles. Properties that are `undefined`
 * are left out, as always; -0 becomes 0.
 *
 * @throws ForgeError AF_CHECKPOINT_STATE naming the path of the value
 */
export function encodeStrict(value: unknown): string {
  check(value, 'state', new Set());
  return JSON.stringify(value);
}

function check(value: unknown, path: string, above: Set<object>): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse(path, String(value));
    return;
  }
  if (typeof value !== 'object') refuse(path, typeof value);
  if (above.has(value)) refuse(path, 'a reference to an object above it');
  above.add(value);
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) check(value[i], `${path}[${i}]`, above);
  else checkObject(value, path, above);
  above.delete(value);
}

function checkObject(value: object, path: string, above: Set<object>): void {
  // By name: a plain object from another realm (a worker, a test sandbox) has another Object.prototype.
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    refuse(path, `a ${prototype.constructor.name}`);
  if (prototype !== null && prototype.constructor.name !== 'Object')
    refuse(path, `a ${prototype.constructor.name}`);
  if ('toJSON' in value) refuse(path, 'an object with toJSON');
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) check(item, `${path}.${key}`, above);
  }
}

function refuse(path: string, found: string): never {
  throw new ForgeError('AF_CHECKPOINT_STATE', `${path} is ${found}, which JSON cannot hold.`, {
    at: path,
    fix: 'Put numbers that may be NaN or infinite, and arrays of numbers, into the tensors of the checkpoint.',
  });
}
