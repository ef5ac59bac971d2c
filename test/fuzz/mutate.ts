import type { CounterStream } from '../../nn/random/index.js';

/** A document that was changed on purpose, and whether accepting it would be wrong whatever else is in it. */
export interface Mutated<T> {
  readonly document: T;
  /** Why a strict reader must refuse it; null where it may be right. */
  readonly flaw: string | null;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A place in a document: the container and the key or index below it. */
interface Place {
  readonly container: Json[] | Record<string, Json>;
  readonly key: string | number;
  readonly path: string;
}

/** Values that readers stumble over: of the wrong type, of a wrong size, or with a meaning of their own in JavaScript. */
const HOSTILE: readonly Json[] = [
  null,
  true,
  '',
  ' ',
  '\u0000',
  '../../../../etc/passwd',
  '__proto__',
  'constructor',
  'x'.repeat(5_000),
  '\ud800',
  0,
  -0,
  -1,
  0.5,
  1e308,
  -1e308,
  2 ** 53,
  4294967296,
  [],
  {},
  [[]],
  [null],
  { '': null },
];

export function pick<T>(items: readonly T[], random: CounterStream): T {
  return items[random.integer(items.length)]!;
}

/**
 * Change a JSON document in up to three places; one in four stays as it is.
 *
 * @param isStrict whether a misspelt key or a value of another type must be refused at a path such as `a.b[0].c`
 */
export function mutateJson(
  original: unknown,
  random: CounterStream,
  isStrict: (path: string) => boolean = () => false,
): Mutated<unknown> {
  const document = structuredClone(original) as Json;
  for (let count = random.integer(4); count > 0; count--) {
    const places = placesOf(document);
    if (places.length === 0) break;
    const place = pick(places, random);
    const found = change(place, random);
    // A later change might remove what this one spoilt.
    if (found !== null && isStrict(place.path)) return { document, flaw: `${place.path}: ${found}` };
  }
  return { document, flaw: null };
}

function placesOf(value: Json, path = ''): Place[] {
  if (Array.isArray(value))
    return value.flatMap((item, key) => below({ container: value, key, path: `${path}[${key}]` }, item));
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) =>
    below({ container: value, key, path: path === '' ? key : `${path}.${key}` }, value[key]!),
  );
}

function below(place: Place, value: Json): Place[] {
  return [place, ...placesOf(value, place.path)];
}

/** @returns what a strict reader must not accept about the change, or null */
function change({ container, key }: Place, random: CounterStream): string | null {
  const at = container as Record<string | number, Json>;
  const value = at[key]!;
  switch (random.integer(7)) {
    case 0:
      return misspell(container, key, random);
    case 1:
      at[key] = { fuzz: pick(HOSTILE, random) };
      return typeof value === 'object' ? null : 'an object instead of a scalar';
    case 2:
      at[key] = structuredClone(pick(HOSTILE, random));
      return null;
    case 3:
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else Reflect.deleteProperty(container, key);
      return null;
    case 4:
      at[key] =
        typeof value === 'number' ? pick([-value, value * 1e6, value + 0.5, 1 / value], random) : [value];
      return null;
    case 5:
      if (Array.isArray(container)) container.push(structuredClone(value));
      else own(container, pick(['__proto__', 'constructor', 'prototype', 'toString'], random), value);
      return Array.isArray(container) ? null : 'a key of the prototype';
    default:
      at[key] = nested(value, 1 + random.integer(60));
      return typeof value === 'object' ? null : 'a nest instead of a scalar';
  }
}

function misspell(container: Place['container'], key: string | number, random: CounterStream): string | null {
  if (Array.isArray(container)) return null;
  const value = container[key]!;
  Reflect.deleteProperty(container, key);
  own(container, `${key}_${random.integer(1000)}`, value);
  return `unknown key ${key}_...`;
}

function own(container: Record<string, Json>, key: string, value: Json): void {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function nested(value: Json, depth: number): Json {
  let result = value;
  for (let i = 0; i < depth; i++) result = i % 2 === 0 ? [result] : { deeper: result };
  return result;
}

/** Change bytes: cut, flip, insert, remove, repeat, or overwrite a stretch. */
export function mutateBytes(original: Uint8Array, random: CounterStream): Uint8Array {
  let bytes = Buffer.from(original);
  for (let count = 1 + random.integer(3); count > 0; count--) bytes = changeBytes(bytes, random);
  return bytes;
}

function changeBytes(bytes: Buffer, random: CounterStream): Buffer<ArrayBuffer> {
  const at = random.integer(bytes.length + 1);
  const length = 1 + random.integer(16);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (random.integer(7)) {
    case 0:
      return Buffer.from(before);
    case 1: {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at]! ^= 1 << random.integer(8);
      return copy;
    }
    case 2:
      return Buffer.concat([before, randomBytes(length, random), after]);
    case 3:
      return Buffer.concat([before, after.subarray(length)]);
    case 4:
      return Buffer.concat([before, after.subarray(0, length), after]);
    case 5:
      return Buffer.concat([before, Buffer.from(pick(SPLICES, random)), after]);
    default:
      return Buffer.concat([
        before,
        randomBytes(Math.min(length, after.length), random),
        after.subarray(length),
      ]);
  }
}

/** Pieces that mean something to one of the readers. */
const SPLICES = [
  '\ufeff',
  '\u0000',
  '"',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '\n',
  '\\u',
  '&a',
  '*a',
  '---\n',
  '1e999',
  '- ',
];

function randomBytes(length: number, random: CounterStream): Buffer {
  return Buffer.from(Array.from({ length }, () => random.integer(256)));
}
