import { formatValue } from '../../plugins/sinks/console/terminal/index.js';

/** One option of a plugin, nested options by dotted path. */
export interface OptionRow {
  readonly path: string;
  readonly type: string;
  /** As it is now: what the config sets, else the default. */
  readonly value: string;
  readonly description: string;
}

type Schema = Readonly<Record<string, unknown>>;

/** The options a JSON Schema describes, objects opened up, with their values beside. */
export function optionRows(schema: object, values: Readonly<Record<string, unknown>>): readonly OptionRow[] {
  return rowsOf(schema as Schema, values, '');
}

function rowsOf(schema: Schema, values: unknown, base: string): readonly OptionRow[] {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = base === '' ? name : `${base}.${name}`;
    const child = isRecord(property) ? property : {};
    const value = isRecord(values) && name in values ? values[name] : child['default'];
    if (isRecord(child['properties'])) return rowsOf(child, value, path);
    const description = typeof child['description'] === 'string' ? child['description'] : '';
    return [
      {
        path,
        type: typeOf(child),
        value: value === undefined ? 'required' : formatValue(value),
        description,
      },
    ];
  });
}

/** A schema's type in words: `integer >= 1`, `"a" | "b"`, `array of string`. */
export function typeOf(schema: Schema): string {
  if ('const' in schema) return JSON.stringify(schema['const']);
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) return choices.filter(isRecord).map(typeOf).join(' | ');
  if (schema['type'] === 'array')
    return isRecord(schema['items']) ? `array of ${typeOf(schema['items'])}` : 'array';
  const type = Array.isArray(schema['type']) ? schema['type'].join(' | ') : schema['type'];
  return `${typeof type === 'string' ? type : 'any'}${boundsOf(schema)}`;
}

const BOUNDS = [
  ['minimum', '>='],
  ['exclusiveMinimum', '>'],
  ['maximum', '<='],
  ['exclusiveMaximum', '<'],
] as const;

function boundsOf(schema: Schema): string {
  return BOUNDS.filter(([key]) => typeof schema[key] === 'number')
    .map(([key, sign]) => ` ${sign} ${String(schema[key])}`)
    .join('');
}

function isRecord(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
