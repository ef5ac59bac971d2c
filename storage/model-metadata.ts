import { loadSchema } from '../core/contracts/load-schema.js';
import type { ModelMetadata } from '../core/contracts/model.js';
import { requireCurrentModel } from '../core/contracts/old-record.js';
import { ForgeError } from '../core/errors/index.js';
import { compileValidator, type Validator } from './validate.js';

/** A validator of metadata.json (schemas/model-metadata.schema.json). Compile once, use often. */
export function modelMetadataValidator(): Promise<Validator> {
  return compileValidator(loadSchema('model-metadata.schema.json'), [], 'metadata');
}

/**
 * The value as metadata.
 *
 * @param at where it came from, for the message
 * @throws ForgeError AF_MODEL_METADATA listing every problem, AF_MODEL_OLD_RECORD
 */
export async function checkModelMetadata(value: unknown, at: string): Promise<ModelMetadata> {
  requireCurrentModel(value as ModelMetadata | null, at);
  const problems = (await modelMetadataValidator())(value);
  if (problems.length === 0) return value as ModelMetadata;
  const [first] = problems;
  throw new ForgeError(
    'AF_MODEL_METADATA',
    `The model metadata is not valid: ${first?.at} ${first?.message}.`,
    { at, problems },
  );
}
