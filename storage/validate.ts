import type { Problem } from '../core/errors/index.js';

/** Problems of a value, none when it matches. */
export type Validator = (value: unknown) => readonly Problem[];

/**
 * Compile a JSON Schema (draft 7) with ajv, which is loaded here and not before.
 *
 * @param shared schemas that `schema` refers to by their `$id`
 * @param at what the paths of problems start with
 */
export async function compileValidator(
  schema: object,
  shared: readonly object[],
  at: string,
): Promise<Validator> {
  const { Ajv } = await import('ajv');
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, schemas: [...shared] });
  const check = ajv.compile(schema);
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
