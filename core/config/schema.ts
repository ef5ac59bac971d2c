import { ConfigSchema } from '../contracts/config-schema.js';
import { isPlainObject } from '../validation/plain.js';

/** Values the config takes when nobody sets them; the lowest layer. */
export const CONFIG_DEFAULTS = defaultsOf(ConfigSchema) as Readonly<Record<string, unknown>>;

/** What the built-in sinks are when `sinks` is null; plugins listed in the config add theirs. */
export const DEFAULT_SINKS: readonly string[] = ['console', 'jsonl'];

/** The default of a value, that of a record made of those of its members. */
function defaultsOf({ properties, default: value }: Readonly<Record<string, unknown>>): unknown {
  if (!isPlainObject(properties)) return value;
  const members = Object.entries(properties as Record<string, Record<string, unknown>>);
  return Object.fromEntries(
    members.filter(([, schema]) => 'default' in schema).map(([key, schema]) => [key, defaultsOf(schema)]),
  );
}
