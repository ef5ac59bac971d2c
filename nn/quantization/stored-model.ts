import { ARCHITECTURE } from '../../core/contracts/architecture.js';
import {
  COMPRESSOR,
  type CompressedTensor,
  type Compressor,
  type PackedMatrix,
} from '../../core/contracts/compressor.js';
import type { ModelConfig } from '../../core/contracts/model.js';
import type { Quantization, TensorFormat } from '../../core/contracts/quantization.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { ForgeError } from '../../core/errors/index.js';
import { compressorsOf, type Container } from './model-architecture.js';
import { packedModel, type PackedModel } from './packed-model.js';
import { isMultiplied, quantizedModel } from './quantized.js';

/** A packed file that was opened: tensors by name, each with the compressor that wrote it. */
export interface StoredTensors {
  readonly tensors: ReadonlyMap<string, { readonly format: TensorFormat }>;
  /** @throws ForgeError AF_PACKED_FORMAT where a byte of it has changed */
  read(name: string): CompressedTensor;
}

/**
 * Tensors of a packed file as floats.
 *
 * @param names in the order of the result; default: all, as the file has them
 * @throws ForgeError AF_PLUGIN_UNKNOWN naming a compressor that is not there, before anything is read; AF_PACKED_FORMAT,
 * AF_COMPRESSED_FORMAT
 */
export function storedWeights(
  container: Container,
  file: StoredTensors,
  names: readonly string[] = [...file.tensors.keys()],
): TensorDict {
  const weights: TensorDict = {};
  for (const [name, compressor] of compressorsIn(container, file, names))
    weights[name] = compressor.decompress(file.read(name));
  return weights;
}

/**
 * A model of a packed file, ready to compute: matrices of its formats stay in codes and are multiplied with as they are,
 * everything else is floats.
 *
 * @param config of the file, hyper-parameters validated; the file must hold the tensors that it describes
 * @throws ForgeError as {@link storedWeights}; AF_MODEL_CONFIG where the file holds latents, which codes would round
 */
export function storedModel(
  container: Container,
  { architecture: name, hyperparameters, quantization }: ModelConfig,
  file: StoredTensors,
): PackedModel {
  const base = container.resolve(ARCHITECTURE, name);
  const described = base.describe(hyperparameters);
  const { formats, ...how } = quantization ?? PLAIN;
  if (how.weights === 'latent') throw packedLatents();
  const inCodes = new Set(
    described.filter((tensor) => isMultiplied(tensor) && Object.hasOwn(formats, tensor.name)).map(nameOf),
  );
  const weights: TensorDict = {};
  const packed: Record<string, PackedMatrix> = {};
  const compressors = compressorsOf(container, { formats });
  const { tensors } = quantizedModel(described, { ...how, formats }, compressors);
  for (const [tensor, compressor] of compressorsIn(container, file, tensors.map(nameOf))) {
    const compressed = file.read(tensor);
    if (inCodes.has(tensor) && compressor.packed !== undefined)
      packed[tensor] = compressor.packed(compressed);
    else weights[tensor] = compressor.decompress(compressed);
  }
  return packedModel(base, described, weights, { ...how, formats }, compressors, packed);
}

/** A file without a quantization holds floats that were made small, no more. */
const PLAIN: Quantization = {
  weights: 'applied',
  activations: 'float',
  norms: [],
  epsilon: 1e-5,
  formats: {},
};

function compressorsIn(
  container: Container,
  { tensors }: StoredTensors,
  names: readonly string[],
): [string, Compressor][] {
  return names.map((name) => {
    const { use, options } = tensors.get(name)!.format;
    return [name, container.resolve(COMPRESSOR, use, options)];
  });
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function packedLatents(): ForgeError {
  return new ForgeError('AF_MODEL_CONFIG', 'The packed file says that its weights are latents.', {
    at: 'quantization.weights',
    fix: 'Pack what the formats made of the latents (`applied`); latents are stored as floats.',
  });
}
