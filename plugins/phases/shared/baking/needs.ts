import type { BakingMethod } from '../../../../core/contracts/baking.js';
import type { ModelShape } from '../model/shape.js';
import { countParameters } from '../../../../nn/models/index.js';
import { trainingNeeds, type Needs } from '../training/needs.js';
import type { ShapeOptions } from '../training/stages.js';

const FLOAT_BYTES = 4;

/**
 * Peak memory of a bake: training of what the method trains, the rest of the model as it is, the measurement that is open
 * beside it with weights of its own, and, for both, the teacher's weights and what it reads: the prompt too, where it has one.
 *
 * @param promptTokens of the longest prompt
 */
export function bakingNeeds(
  { architecture, config, tensors }: ModelShape,
  method: Pick<BakingMethod, 'teacher' | 'tensors'>,
  training: ShapeOptions,
  promptTokens = 0,
): Needs {
  const { added, trainable } = method.tensors(tensors);
  const all = [...tensors, ...added];
  const names = new Set(trainable);
  const trained = trainable === undefined ? all : all.filter(({ name }) => names.has(name));
  const own = trainingNeeds({ architecture, config, tensors: trained }, training);
  if (own.memoryBytes === null) return own;
  const { rows, length } = training;
  const reading = (tokens: number): number =>
    architecture.memoryBytes!(config.hyperparameters, { rows, length: tokens, training: false });
  const weights = FLOAT_BYTES * countParameters(tensors);
  const frozen = FLOAT_BYTES * (countParameters(all) - countParameters(trained));
  const measurement = weights + reading(length);
  const prompt = method.teacher === 'prompted' ? promptTokens : 0;
  const teacher = method.teacher === null ? 0 : 2 * (weights + reading(length + prompt));
  return { memoryBytes: own.memoryBytes + frozen + measurement + teacher };
}
