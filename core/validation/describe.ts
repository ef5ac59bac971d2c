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
  return shorten(`an object with ${keys.join(', ')}`);
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
  if (type === 'array') return items === undefined ? 'a list' : `a list of ${describeSchema(items)}`;
  if (type === 'object') return 'an object';
  const name = Array.isArray(type) ? type.join(' or ') : typeof type === 'string' ? type : 'a value';
  return [name, ...bounds(schema as Record<string, unknown>)].join(' ');
}

function describeBranches(branches: readonly unknown[]): string {
  const constants = branches.map((branch) => (branch as { const?: unknown }).const);
  if (constants.every((constant) => constant !== undefined)) {
    return `one of ${constants.map((constant) => JSON.stringify(constant)).join(', ')}`;
  }
  return [...new Set(branches.map(describeSchema))].join(' or ');
}

function bounds(schema: Record<string, unknown>): string[] {
  const words: readonly (readonly [key: string, text: string])[] = [
    ['minimum', '>='],
    ['exclusiveMinimum', '>'],
    ['maximum', '<='],
    ['exclusiveMaximum', '<'],
    ['multipleOf', 'a multiple of'],
    ['minLength', 'of at least (characters)'],
    ['maxLength', 'of at most (characters)'],
    ['pattern', 'matching'],
    ['format', 'in the format'],
  ];
  return words.flatMap(([key, text]) => {
    const bound = schema[key];
    return typeof bound === 'number' || typeof bound === 'string' ? [`${text} ${bound}`] : [];
  });
}
