import type { Problem } from '../core/errors/index.js';
import { SchemaChecks, type CheckSettings } from './schema-checks.js';

/** Problems of a value, none when it matches. */
export type Validator = (value: unknown) => readonly Problem[];

/** How documents that are stored are read. @param shared schemas that others refer to by their `$id` */
export function documentSettings(shared: readonly object[]): CheckSettings {
  return { options: { allErrors: true, strict: true, allowUnionTypes: true }, shared };
}

/**
 * A validator of a JSON Schema (draft 7).
 *
 * @param shared schemas that `schema` refers to by their `$id`
 * @param at what the paths of problems start with
 */
export async function compileValidator(
  schema: object,
  shared: readonly object[],
  at: string,
): Promise<Validator> {
  const check = new SchemaChecks(documentSettings(shared)).of(schema);
  return (value) => {
    if (check(value)) return [];
    return (check.errors ?? []).map(({ instancePath, message = 'does not match', params }) => ({
      at: at + instancePath.replaceAll('/', '.'),
      message: `${message}${detail(params)}`,
    }));
  };
}

function detail(params: Readonly<Record<string, unknown>>): string {
  const { additionalProperty, allowedValues } = params;
  if (typeof additionalProperty === 'string') return `: ${additionalProperty}`;
  if (Array.isArray(allowedValues)) return `: ${allowedValues.join(', ')}`;
  return '';
}
