import type { Architecture, TensorDescription } from '../../core/contracts/architecture.js';
import type { PackedMatrix } from '../../core/contracts/compressor.js';
import type { Quantization } from '../../core/contracts/quantization.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { ForgeError } from '../../core/errors/index.js';
import {
  hintsOf,
  isMultiplied,
  quantizedArchitecture,
  quantizedModel,
  type Compressors,
} from './quantized.js';

/** A model that multiplies with codes. */
export interface PackedModel {
  /** Computes with the codes; its description names what is left of floats. */
  readonly architecture: Architecture;
  /** Floats that are not in codes. */
  readonly weights: TensorDict;
  readonly packed: Readonly<Record<string, PackedMatrix>>;
}

/**
 * An architecture whose matrices are in codes, with the parameters that it still takes.
 *
 * @param tensors of the base architecture, for the hyper-parameters of the weights
 * @param weights of all of them, and the gains of norms before matrices
 * @param packed codes of some matrices where they are known, as of a file that was read
 * @throws ForgeError AF_MODEL_CONFIG when weights that a format was applied to would be rounded anew
 */
export function packedModel(
  base: Architecture,
  tensors: readonly TensorDescription[],
  weights: TensorDict,
  quantization: Quantization,
  compressors: Compressors,
  packed: Readonly<Record<string, PackedMatrix>> = packedMatrices(
    tensors,
    weights,
    quantization,
    compressors,
  ),
): PackedModel {
  return {
    architecture: quantizedArchitecture(base, (described) =>
      quantizedModel(described, quantization, compressors, packed),
    ),
    weights: Object.fromEntries(Object.entries(weights).filter(([name]) => packed[name] === undefined)),
    packed,
  };
}

/**
 * Codes of every matrix whose format has some: linear ones, and tables that are read by rows or multiplied as a head.
 *
 * @param weights latents
 * @throws ForgeError AF_MODEL_CONFIG when the formats were already applied to the weights
 */
export function packedMatrices(
  tensors: readonly TensorDescription[],
  weights: TensorDict,
  { weights: stored, formats }: Quantization,
  compressors: Compressors,
): Record<string, PackedMatrix> {
  if (stored === 'applied') throw alreadyApplied();
  const found: Record<string, PackedMatrix> = {};
  for (const tensor of tensors) {
    const { name } = tensor;
    const compressor = formats[name] === undefined ? undefined : compressors[name];
    if (compressor?.packed === undefined || !isMultiplied(tensor)) continue;
    found[name] = compressor.packed(compressor.compress(weights[name]!, hintsOf(tensor)));
  }
  return found;
}

function alreadyApplied(): ForgeError {
  return new ForgeError(
    'AF_MODEL_CONFIG',
    'The weights have their formats applied already: rounded once more they would have other scales.',
    { at: 'quantization.weights', fix: 'Give the codes that the weights were made from.' },
  );
}
