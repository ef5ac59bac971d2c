import type { Plugin } from '../contracts/index.js';
import { describeValue } from '../validation/describe.js';
import { isPlainObject } from '../validation/plain.js';
import type { Report } from '../validation/report.js';

/** One thing a config lists as a plugin, taken apart. */
export type PluginRequest =
  | { readonly kind: 'instance'; readonly at: string; readonly plugin: Plugin }
  | {
      readonly kind: 'named';
      readonly at: string;
      readonly use: string;
      readonly options: Readonly<Record<string, unknown>>;
    };

const EXPECTED = 'a plugin, a name, [name, options] or { use, options }';

/**
 * Entries of `plugins` or `pipeline` as a flat list: nested lists are flattened, false, null and undefined skipped.
 * A list of a string and a record is a pair of name and options.
 */
export function flattenEntries(entries: unknown, at: string, report: Report): PluginRequest[] {
  if (!Array.isArray(entries)) {
    report({
      at,
      message: 'is not a list',
      expected: `a list of ${EXPECTED}`,
      found: describeValue(entries),
      fix: 'Put it in brackets.',
    });
    return [];
  }
  return entries.flatMap((entry, index) => flattenEntry(entry, `${at}[${index}]`, report));
}

function flattenEntry(entry: unknown, at: string, report: Report): PluginRequest[] {
  if (entry === false || entry === null || entry === undefined) return [];
  if (typeof entry === 'string') return [{ kind: 'named', at, use: entry, options: {} }];
  if (isPair(entry)) return [{ kind: 'named', at, use: entry[0], options: entry[1] }];
  if (Array.isArray(entry)) return flattenEntries(entry, at, report);
  if (isPlugin(entry)) return [{ kind: 'instance', at, plugin: entry }];
  if (isPlainObject(entry) && typeof entry['use'] === 'string')
    return useEntry(entry, entry['use'], at, report);
  report({
    at,
    message: 'is not a plugin',
    expected: EXPECTED,
    found: describeValue(entry),
    fix: hintFor(entry),
  });
  return [];
}

function useEntry(entry: Record<string, unknown>, use: string, at: string, report: Report): PluginRequest[] {
  const { use: _, options = {}, ...rest } = entry;
  for (const key of Object.keys(rest)) {
    report({
      at: `${at}.${key}`,
      message: `unknown key "${key}"`,
      expected: 'use, options',
      fix: `Put "${key}" under options, or remove it.`,
    });
  }
  if (isPlainObject(options)) return [{ kind: 'named', at, use, options }];
  report({
    at: `${at}.options`,
    message: 'is not an object',
    expected: 'an object',
    found: describeValue(options),
  });
  return [];
}

function isPair(entry: unknown): entry is [string, Record<string, unknown>] {
  if (!Array.isArray(entry) || entry.length !== 2 || typeof entry[0] !== 'string') return false;
  return isPlainObject(entry[1]) && !isPlugin(entry[1]);
}

/** Whether a value is a plugin: what the typed factories return. */
export function isPlugin(value: unknown): value is Plugin {
  if (typeof value !== 'object' || value === null) return false;
  const plugin = value as { readonly [K in keyof Plugin]?: unknown };
  return (
    typeof plugin.name === 'string' &&
    typeof plugin.apply === 'function' &&
    typeof plugin.withOptions === 'function' &&
    typeof plugin.optionsSchema === 'object' &&
    plugin.optionsSchema !== null
  );
}

function hintFor(entry: unknown): string {
  if (typeof entry === 'function') {
    const name = (entry as { pluginName?: unknown }).pluginName;
    if (typeof name === 'string') return `Call it: ${name}().`;
  }
  if (isPlainObject(entry) && typeof entry['apply'] === 'function')
    return 'Make it with definePlugin or one of its kin.';
  return 'List plugins as made by their factories, or by name.';
}
