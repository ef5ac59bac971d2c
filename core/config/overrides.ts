import { ForgeError } from '../errors/index.js';
import { parsePath } from '../validation/path.js';
import { isPlainObject } from '../validation/plain.js';
import type { Report } from '../validation/report.js';
import type { ConfigOverride } from '../kernel/types.js';
import { soundConfig } from './sound.js';

/** Keys that are read from files before `--set` comes in. */
const TOO_LATE: ReadonlySet<string> = new Set(['extends', '$schema']);

/**
 * Read `path=value` from the command line: the value is JSON when it parses as JSON and a string otherwise.
 * @throws ForgeError AF_USAGE
 */
export function parseOverride(text: string): ConfigOverride {
  const split = text.indexOf('=');
  const path = text.slice(0, split).trim();
  if (split <= 0 || parsePath(path) === null) {
    throw new ForgeError('AF_USAGE', `--set ${text} is not of the form path=value.`, {
      at: '--set',
      fix: 'Write for example --set seed=7 or --set phases.<name>.<option>=10.',
    });
  }
  return { path, value: parseValue(text.slice(split + 1)) };
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Overrides as one config layer; a later one wins over an earlier one of the same path. What could have no effect, or
 * cannot be a key, goes to `report`.
 * @throws ForgeError AF_USAGE when a path is none
 */
export function overridesLayer(
  overrides: readonly ConfigOverride[],
  report: Report,
): Readonly<Record<string, unknown>> {
  const layer: Record<string, unknown> = {};
  for (const { path, value } of overrides) {
    const keys = parsePath(path);
    if (keys === null) throw new ForgeError('AF_USAGE', `--set ${path} is not a path.`, { at: '--set' });
    if (TOO_LATE.has(keys[0]!)) report(tooLate(keys[0]!));
    else setAt(layer, keys, value);
  }
  return soundConfig(layer, '--set', report);
}

function tooLate(key: string) {
  return {
    at: key,
    source: '--set',
    message: 'cannot be set on the command line: it is read from files',
    fix:
      key === 'extends'
        ? 'Name a preset with --preset, or write it in the config file.'
        : `Leave ${key} out.`,
  };
}

function setAt(target: Record<string, unknown>, keys: readonly string[], value: unknown): void {
  const [key, ...rest] = keys as [string, ...string[]];
  if (rest.length === 0) {
    own(target, key, value);
    return;
  }
  const below = Object.hasOwn(target, key) ? target[key] : undefined;
  const next = isPlainObject(below) ? below : {};
  own(target, key, next);
  setAt(next, rest, value);
}

function own(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
