import type { TensorDescription } from '../../../core/contracts/architecture.js';
import { nearest, type Problem } from '../../../core/errors/index.js';

/** Formats that a user asks for, by the name of a tensor, a pattern of names (`layers.0.*`) or a role. */
export type FormatPins = Readonly<Record<string, string>>;

/** What was asked for a tensor. */
export interface Pin {
  /** As the user wrote it. */
  readonly key: string;
  readonly format: string;
  /** Whether the key is the name of this very tensor. */
  readonly named: boolean;
}

type Known = Pick<TensorDescription, 'name' | 'role'>;

/** The pin of a tensor: its name goes before patterns, those before its role; of several patterns the last counts. */
export function pinOf({ name, role }: Known, pins: FormatPins): Pin | null {
  const key =
    [name].find((own) => pins[own] !== undefined) ??
    Object.keys(pins).findLast((pattern) => pattern.includes('*') && matches(pattern, name)) ??
    [role as string].find((own) => pins[own] !== undefined);
  return key === undefined ? null : { key, format: pins[key]!, named: key === name };
}

/** `*` stands for any letters. */
function matches(pattern: string, name: string): boolean {
  const source = pattern
    .split('*')
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`).test(name);
}

/**
 * Pins that name no tensor, or a format that there is not.
 * @param formats that can be asked for @param at config path of the pins
 */
export function pinProblems(
  pins: FormatPins,
  tensors: readonly Known[],
  formats: readonly string[],
  at: string,
): Problem[] {
  return Object.entries(pins).flatMap(([key, format]) => [
    ...(namesSomething(key, tensors) ? [] : [unknownTensor(key, tensors, at)]),
    ...(formats.includes(format) ? [] : [unknownFormat(format, formats, `${at}.${key}`)]),
  ]);
}

function namesSomething(key: string, tensors: readonly Known[]): boolean {
  return tensors.some(
    ({ name, role }) => key === name || key === role || (key.includes('*') && matches(key, name)),
  );
}

function unknownTensor(key: string, tensors: readonly Known[], at: string): Problem {
  const meant = nearest(key, new Set(tensors.flatMap(({ name, role }) => [name, role])));
  return {
    at: `${at}.${key}`,
    message: 'names no tensor of the model',
    expected: 'the name of a tensor, a pattern that fits one, or a role',
    found: key,
    ...(meant === undefined ? {} : { suggestion: meant }),
    fix: 'Name tensors or roles of the model: its architecture describes them.',
  };
}

function unknownFormat(format: string, formats: readonly string[], at: string): Problem {
  const meant = nearest(format, formats);
  return {
    at,
    message: 'is no format that weights can be held in',
    expected: formats.join(', '),
    found: format,
    ...(meant === undefined ? {} : { suggestion: meant }),
    fix: `Use one of ${formats.join(', ')}.`,
  };
}
