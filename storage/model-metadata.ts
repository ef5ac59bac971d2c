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

/** @throws ForgeError AF_MODEL_CONFIG listing what is wrong with the quantization of a model's config */
export async function checkQuantization(value: unknown, at: string): Promise<void> {
  const schema = { $ref: 'agentforge:model-metadata@2#/$defs/quantization' };
  const check = await compileValidator(schema, [loadSchema('model-metadata.schema.json')], 'quantization');
  const problems = check(value);
  if (problems.length === 0) return;
  throw new ForgeError('AF_MODEL_CONFIG', 'The quantization of the model is none that can be read.', {
    at,
    problems,
    fix: 'Take the config.json that was exported with the weights.',
  });
}
