import type { Quantization } from '../../../../core/contracts/quantization.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { compressorsOf } from '../../../../nn/quantization/index.js';
import type { LiveModel } from '../model/open.js';
import { shapeOf, type ModelShape, type Resolver } from '../model/shape.js';
import type { TernaryMatrices } from './flips.js';

/** A model with quantised matrices whose weights are latents. */
export interface LatentModel extends LiveModel {
  readonly quantization: Quantization;
}

/**
 * A model with its weights as latents of a quantization: what is in no format yet computes as before.
 * @param weights at least those that the quantised model has
 */
export function latentModel(
  ctx: Resolver,
  { config, halt }: Pick<LiveModel, 'config' | 'halt'>,
  quantization: Quantization,
  weights: TensorDict,
): LatentModel {
  const { architecture, hyperparameters } = config;
  const shape = shapeOf(ctx, { architecture, hyperparameters, quantization }, 'the quantised model');
  const own = Object.fromEntries(shape.tensors.map(({ name }) => [name, weights[name]!]));
  return { ...shape, weights: own, quantization, ...(halt === undefined ? {} : { halt }) };
}

/** Matrices whose format has three values. */
export function ternaryMatrices(
  ctx: Resolver,
  { tensors }: Pick<ModelShape, 'tensors'>,
  quantization: Quantization,
): TernaryMatrices {
  const compressors = compressorsOf(ctx, quantization);
  return tensors.flatMap((tensor) =>
    quantization.formats[tensor.name]?.use === 'ternary'
      ? [{ tensor, compressor: compressors[tensor.name]! }]
      : [],
  );
}
