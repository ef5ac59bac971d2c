import type { ErrorObject } from 'ajv';
import { nearest, type Problem } from '../errors/index.js';
import { describeSchema, describeValue } from './describe.js';
import { fromPointer, joinPath } from './path.js';

/** ajv's errors as problems: one per mistake, unions folded into one, each with what was expected and found. */
export function problemsOf(errors: readonly ErrorObject[], base: string): Problem[] {
  const unions = errors.filter((error) => error.keyword === 'anyOf' || error.keyword === 'oneOf');
  const kept = unions.reduce(foldUnion, [...errors]);
  const problems = kept.filter((error) => error.keyword !== 'if').map((error) => problemOf(error, base));
  const meant = new Set(
    problems.filter(isMistyped).map(({ at, suggestion }) => joinPath(parentOf(at), suggestion!)),
  );
  const distinct = new Map(problems.map((problem) => [`${problem.at}\n${problem.message}`, problem]));
  // A mistyped key would be told twice: as unknown, and as missing under its right name.
  return [...distinct.values()].filter(
    ({ at, message }) => !(message.endsWith('is missing') && meant.has(at)),
  );
}

function isMistyped({ message, suggestion }: Problem): boolean {
  return suggestion !== undefined && message.startsWith('unknown key');
}

function parentOf(path: string): string {
  return path.replace(/(^|\.)[^.[\]]+$|\[[^[\]]*\]$/, '');
}

/**
 * A union that fails reports the errors of each branch besides its own. When exactly one branch takes the type of
 * the value, its errors say more than the union's; otherwise the union's own error stands for all.
 */
function foldUnion(errors: ErrorObject[], union: ErrorObject): ErrorObject[] {
  if (!errors.includes(union)) return errors;
  const inside = (error: ErrorObject): boolean =>
    error !== union &&
    error.schemaPath.startsWith(`${union.schemaPath}/`) &&
    error.instancePath.startsWith(union.instancePath);
  const branchOf = (error: ErrorObject): string =>
    error.schemaPath.slice(union.schemaPath.length + 1).split('/')[0]!;
  const branches = groupBy(errors.filter(inside), branchOf);
  const fitting = [...branches.values()].filter(
    (branch) => !branch.some((error) => missesValue(error, union)),
  );
  const telling = fitting.length === 1 && typeof union.data === 'object' ? fitting[0]! : [union];
  return errors.filter((error) => (error !== union && !inside(error)) || telling.includes(error));
}

function missesValue(error: ErrorObject, union: ErrorObject): boolean {
  return error.instancePath === union.instancePath && ['type', 'const', 'enum'].includes(error.keyword);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function problemOf(error: ErrorObject, base: string): Problem {
  const at = fromPointer(base, error.instancePath);
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownKey(error, at, String(params['additionalProperty'] ?? params['unevaluatedProperty']));
    case 'required':
      return missingKey(error, at, String(params['missingProperty']));
    default:
      return wrongValue(error, at);
  }
}

function unknownKey(error: ErrorObject, at: string, key: string): Problem {
  const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {});
  const suggestion = nearest(key, known);
  return {
    at: joinPath(at, key),
    message: `unknown key "${key}"`,
    expected: known.length === 0 ? 'no keys' : `one of ${known.join(', ')}`,
    found: describeValue((error.data as Record<string, unknown> | undefined)?.[key]),
    suggestion,
    fix: suggestion === undefined ? `Remove "${key}".` : `Write "${suggestion}" instead of "${key}".`,
  };
}

function missingKey(error: ErrorObject, at: string, key: string): Problem {
  const properties = (error.parentSchema as { properties?: Record<string, unknown> } | undefined)?.properties;
  const expected = describeSchema(properties?.[key]);
  return {
    at: joinPath(at, key),
    message: `"${key}" is missing`,
    expected,
    found: 'nothing',
    fix: `Add "${key}".`,
  };
}

function wrongValue(error: ErrorObject, at: string): Problem {
  const union = error.keyword === 'anyOf' || error.keyword === 'oneOf';
  const expected = describeSchema(error.parentSchema);
  const names = typeof error.data === 'string' ? constantsOf(error.parentSchema) : [];
  const suggestion = typeof error.data === 'string' ? nearest(error.data, names) : undefined;
  return {
    at,
    message:
      union || error.keyword === 'enum'
        ? 'has none of the allowed values'
        : (error.message ?? 'is not valid'),
    expected: expected === 'a value' ? error.message : expected,
    found: describeValue(error.data),
    suggestion,
    fix: suggestion === undefined ? undefined : `Write "${suggestion}".`,
  };
}

/** The strings a schema allows, as `enum` or as a union of constants. */
function constantsOf(schema: unknown): string[] {
  const { enum: values, anyOf, oneOf, const: constant } = (schema ?? {}) as Record<string, unknown>;
  const branches = [anyOf, oneOf].flatMap((list) =>
    Array.isArray(list) ? (list as { const?: unknown }[]) : [],
  );
  const all: unknown[] = [
    ...(Array.isArray(values) ? (values as unknown[]) : []),
    ...branches.map((one) => one.const),
    constant,
  ];
  return all.filter((value) => typeof value === 'string');
}
