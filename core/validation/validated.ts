import { problemsError } from '../errors/index.js';
import { clonePlain } from './plain.js';
import type { Validator } from './validator.js';

/**
 * A checked copy of a value with defaults filled in.
 * @param at config path of the value, for messages
 * @throws ForgeError AF_CONFIG_INVALID with every problem
 */
export function validated(validator: Validator, schema: object, value: unknown, at: string): unknown {
  const copy = clonePlain(value);
  const problems = validator.validate(schema, copy, { at, fillDefaults: true });
  if (problems.length === 0) return copy;
  throw problemsError(
    'AF_CONFIG_INVALID',
    at === '' ? 'The value' : at,
    problems,
    `Mend ${at === '' ? 'it' : at}.`,
  );
}
