import type { TensorDescription } from '../../../../core/contracts/architecture.js';
import type { CompressedTensor, Compressor } from '../../../../core/contracts/compressor.js';
import type { Quantization, TensorFormat } from '../../../../core/contracts/quantization.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { COMPRESSOR } from '../../../../core/contracts/compressor.js';
import { hintsOf, storedModel } from '../../../../nn/quantization/index.js';
import { openPacked, writePacked } from '../../../../storage/packed/index.js';
import type { LiveModel } from '../model/open.js';
import { shapeOf, type Resolver } from '../model/shape.js';
import type { LatentModel } from './latent.js';

/** Where compressors and architectures are asked for. */
interface With {
  readonly ctx: Resolver;
}

/** A tensor as the packed file holds it. */
export interface PackedTensor {
  readonly tensor: TensorDescription;
  readonly format: TensorFormat;
  readonly compressed: CompressedTensor;
}

/** What packing made of a model. */
export interface PackedModel {
  /** The model as its file has it: nothing is quantised again. */
  readonly quantization: Quantization;
  readonly tensors: readonly PackedTensor[];
  /** What every tensor is after it was read back. */
  readonly weights: TensorDict;
  /** Of the file. */
  readonly bytes: Uint8Array;
}

/** Matrices that are in no format of the layer map. */
const REST: TensorFormat = { use: 'float16' };
/** Vectors: gains, biases and scales survive to the bit. */
const EXACT: TensorFormat = { use: 'float32' };

/** Put latents into their formats, once, and all of them into one file. */
export function pack(run: With, model: LatentModel): PackedModel {
  const { ctx } = run;
  const quantization: Quantization = { ...model.quantization, weights: 'applied' };
  const weights: TensorDict = {};
  const tensors = model.tensors.map((tensor): PackedTensor => {
    const format = formatOf(tensor, quantization);
    const codec: Compressor = ctx.resolve(COMPRESSOR, format.use, format.options);
    const compressed = codec.compress(model.weights[tensor.name]!, hintsOf(tensor));
    weights[tensor.name] = codec.decompress(compressed);
    return { tensor, format, compressed };
  });
  const { architecture, hyperparameters } = model.config;
  const bytes = writePacked({
    config: { architecture, hyperparameters, quantization },
    tensors: tensors.map(({ tensor: { name, role }, format, compressed }) => ({
      ...{ name, role, format, compressed },
    })),
    facts: {},
  });
  return { quantization, tensors, weights, bytes };
}

function formatOf({ name, shape }: TensorDescription, { formats }: Quantization): TensorFormat {
  return formats[name] ?? (shape.length < 2 ? EXACT : REST);
}

/** The packed weights as floats, in a model that quantises nothing again. */
export function expanded(
  { ctx }: With,
  model: LatentModel,
  { quantization, weights }: Pick<PackedModel, 'quantization' | 'weights'>,
) {
  const { architecture, hyperparameters } = model.config;
  const shape = shapeOf(ctx, { architecture, hyperparameters, quantization }, 'the packed model');
  return { ...shape, weights, ...(model.halt === undefined ? {} : { halt: model.halt }) };
}

/** The model as its file runs: matrices multiply by their codes, what has none is floats. */
export function running(
  { ctx }: With,
  { config, halt }: LiveModel,
  { bytes }: Pick<PackedModel, 'bytes'>,
): LiveModel {
  const { architecture, weights } = storedModel(ctx, config, openPacked(bytes));
  const tensors = architecture.describe(config.hyperparameters);
  return { architecture, weights, config, tensors, ...(halt === undefined ? {} : { halt }) };
}

/** The packed weights as they come back from half floats. */
export function halved({ ctx }: With, { weights }: Pick<PackedModel, 'weights'>): TensorDict {
  const half = ctx.resolve(COMPRESSOR, 'float16');
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [name, half.decompress(half.compress(tensor))]),
  );
}

/** Zeros among the weights of ternary matrices; null where there is none. */
export function sparsityOf({ tensors, weights }: PackedModel): number | null {
  const ternary = tensors.filter(({ format }) => format.use === 'ternary');
  const counts = ternary.map(({ tensor }) => {
    const { data } = weights[tensor.name]!;
    let zeros = 0;
    for (const value of data) if (value === 0) zeros++;
    return { zeros, all: data.length };
  });
  const all = counts.reduce((sum, one) => sum + one.all, 0);
  return all === 0 ? null : counts.reduce((sum, one) => sum + one.zeros, 0) / all;
}
