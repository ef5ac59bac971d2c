import type { Handoff } from '../../../../core/contracts/handoff.js';
import type { ModelRef } from '../../../../core/contracts/model.js';
import type { Quantization } from '../../../../core/contracts/quantization.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { ForgeError } from '../../../../core/errors/index.js';
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

/**
 * The latents among the forms of a model. Training goes on from them alone: floats made of codes would get other scales in the
 * first pass.
 * @throws ForgeError AF_HANDOFF_INVALID when there are none
 */
export function requireLatents({ models }: Handoff): ModelRef {
  const latent = models.find(({ config }) => config.quantization?.weights === 'latent');
  if (latent !== undefined) return latent;
  throw new ForgeError('AF_HANDOFF_INVALID', 'The handoff has no latent weights to train.', {
    at: `models: ${models.map(({ name }) => name).join(', ')}`,
    fix: 'Run the phase that makes the model ternary again: it hands on the latents beside the packed file.',
    facts: { weights: models.map(({ config }) => config.quantization?.weights ?? null) },
  });
}
