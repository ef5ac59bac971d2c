import { loadSchema, type SchemaDocument } from './load-schema.js';

/** Documents that handoff schemas refer to, by the name they get under `$defs`. */
const SHARED = {
  handoffEnvelope: 'handoff/envelope.schema.json',
  modelMetadata: 'model-metadata.schema.json',
  ternaryForms: 'ternary-forms.schema.json',
} as const;

/**
 * The JSON Schema of a handoff in `schemas/handoff/`, for `Phase.input` and `Phase.output`. It brings the schemas
 * it refers to along under `$defs`, so that any validator compiles it without further documents, and leaves its
 * own `$id` out, so that the phase that gives it and the phase that takes it may use one validator. Which handoff
 * it describes stands in `properties.schema.const`.
 *
 * @param name for example `cognate-to-evomerge`, or `envelope` for what every handoff has
 * @throws ForgeError AF_INTERNAL when the package has no such schema
 */
export function loadHandoffSchema(name: string): SchemaDocument {
  const file = `handoff/${name}.schema.json`;
  const shared = Object.fromEntries(Object.entries(SHARED).map(([key, path]) => [key, loadSchema(path)]));
  const { $id, ...schema } = loadSchema<Record<string, unknown>>(file);
  if (file === SHARED.handoffEnvelope) return { $ref: $id, $defs: shared };
  return { ...schema, $defs: { ...(schema['$defs'] as object | undefined), ...shared } };
}
