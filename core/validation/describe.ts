const LONGEST = 60;

/** A value as a message shows it: short, quoted, never a dump. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'function') return value.name === '' ? 'a function' : `function ${value.name}`;
  if (typeof value === 'bigint') return `${value.toString()}n`;
  if (typeof value === 'symbol') return 'a symbol';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return value === null ? 'null' : describeObject(value);
  return String(value as number | boolean);
}

function describeObject(value: object): string {
  const keys = Object.keys(value);
  if (keys.length === 0) return 'an empty object';
  return shorten(`an object with ${keys.map(keyName).join(', ')}`);
}

/** A key as it is where it reads as a name, quoted where it could be taken for a part of the sentence. */
function keyName(key: string): string {
  return /^[\w$@/.-]+$/.test(key) ? key : JSON.stringify(key);
}

function quote(text: string): string {
  return shorten(JSON.stringify(text));
}

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 3)}...`;
}

/** What a JSON Schema asks for, in a few words: `integer >= 1`, `one of "cpu", "cuda"`, `list of string`. */
export function describeSchema(schema: unknown): string {
  if (typeof schema !== 'object' || schema === null) return 'something else';
  const { const: constant, enum: values, anyOf, oneOf, type, items } = schema as Record<string, unknown>;
  if (constant !== undefined) return JSON.stringify(constant);
  if (Array.isArray(values)) return `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`;
  const branches = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : null;
  if (branches !== null) return describeBranches(branches);
  if (type === 'array') return describeList(schema as Record<string, unknown>, items);
  if (type === 'object') return 'an object';
  const name = Array.isArray(type) ? type.join(' or ') : typeof type === 'string' ? type : 'a value';
  return [name, ...bounds(schema as Record<string, unknown>)].join(' ');
}

/** `a list`, `a list of string`, `a list of at least 2`, `a list of 3 number`; of nothing in particular where items may be anything. */
function describeList(schema: Record<string, unknown>, items: unknown): string {
  const { minItems: least, maxItems: most } = schema;
  const count = typeof least === 'number' && least === most ? String(least) : rangeOf(least, most);
  const kind = items === undefined ? '' : describeSchema(items);
  const of = [count, kind === 'a value' ? '' : kind].filter((word) => word !== '');
  return of.length === 0 ? 'a list' : `a list of ${of.join(' ')}`;
}

function rangeOf(least: unknown, most: unknown): string {
  const words = [
    typeof least === 'number' ? `at least ${least}` : '',
    typeof most === 'number' ? `at most ${most}` : '',
  ];
  return words.filter((word) => word !== '').join(' and ');
}

function describeBranches(branches: readonly unknown[]): string {
  const constants = branches.map((branch) => (branch as { const?: unknown }).const);
  if (constants.every((constant) => constant !== undefined)) {
    return `one of ${constants.map((constant) => JSON.stringify(constant)).join(', ')}`;
  }
  return [...new Set(branches.map(describeSchema))].join(' or ');
}

function bounds(schema: Record<string, unknown>): string[] {
  const characters = (bound: unknown): string => `${String(bound)} character${bound === 1 ? '' : 's'}`;
  const words: readonly (readonly [key: string, text: (bound: unknown) => string])[] = [
    ['minimum', (bound) => `>= ${String(bound)}`],
    ['exclusiveMinimum', (bound) => `> ${String(bound)}`],
    ['maximum', (bound) => `<= ${String(bound)}`],
    ['exclusiveMaximum', (bound) => `< ${String(bound)}`],
    ['multipleOf', (bound) => `a multiple of ${String(bound)}`],
    ['minLength', (bound) => `of at least ${characters(bound)}`],
    ['maxLength', (bound) => `of at most ${characters(bound)}`],
    ['pattern', (bound) => `matching ${String(bound)}`],
    ['format', (bound) => `in the format ${String(bound)}`],
  ];
  return words.flatMap(([key, text]) => {
    const bound = schema[key];
    return typeof bound === 'number' || typeof bound === 'string' ? [text(bound)] : [];
  });
}
