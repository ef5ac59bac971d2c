import type { Phase } from '../../contracts/index.js';
import type { Problem } from '../../errors/index.js';

interface Named {
  readonly name: string;
  readonly phase: Pick<Phase, 'input' | 'output'>;
}

/** Whether what one phase gives can be what the next one takes, judged by the schemas before anything runs. */
export function checkNeighbours(before: Named, after: Named): Problem | null {
  const { input } = after.phase;
  if (input === null) return null;
  const { output } = before.phase;
  const at = `pipeline: ${before.name} -> ${after.name}`;
  const fix = `Put a phase between "${before.name}" and "${after.name}", or change their order.`;
  if (output === null) {
    return {
      at,
      message: `"${after.name}" takes a handoff and "${before.name}" gives none`,
      expected: namesIn(input),
      found: 'nothing',
      fix,
    };
  }
  const given = handoffIds(output);
  const taken = handoffIds(input);
  if (given === null || taken === null || given.some((id) => taken.includes(id))) return null;
  return {
    at,
    message: `"${after.name}" does not take what "${before.name}" gives`,
    expected: namesIn(input),
    found: given.join(', '),
    fix,
  };
}

/** Ids of the handoffs a schema describes (`properties.schema` as const, enum or union); null when it does not say. */
function handoffIds(schema: object): string[] | null {
  const { properties, $ref, $id } = schema as {
    properties?: { schema?: unknown };
    $ref?: unknown;
    $id?: unknown;
  };
  const ids = constants(properties?.schema);
  if (ids.length > 0) return ids;
  return typeof $id === 'string' && $ref === undefined && properties?.schema === undefined ? [$id] : null;
}

function constants(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const {
    const: constant,
    enum: values,
    anyOf,
  } = schema as { const?: unknown; enum?: unknown; anyOf?: unknown };
  const all: unknown[] = [constant, ...(Array.isArray(values) ? (values as unknown[]) : [])];
  const own = all.filter((value) => typeof value === 'string');
  return [...own, ...(Array.isArray(anyOf) ? anyOf.flatMap(constants) : [])];
}

function namesIn(schema: object): string {
  return handoffIds(schema)?.join(', ') ?? 'a handoff';
}
