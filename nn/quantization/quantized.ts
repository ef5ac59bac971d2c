import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Architecture, TensorDescription } from '../../core/contracts/architecture.js';
import type { CompressionHints, Compressor, PackedMatrix } from '../../core/contracts/compressor.js';
import { normName, type Quantization } from '../../core/contracts/quantization.js';
import type { TensorMap } from '../../core/contracts/tensor.js';
import { ForgeError } from '../../core/errors/index.js';
import { rmsNorm } from '../layers/rms-norm.js';
import { withOperator } from '../layers/matrix-operator.js';
import { inFullPrecision } from '../precision/products.js';
import { int8Blocks } from './activations.js';
import { packedOperator, type PreparedInput } from './packed-operator.js';

/** The compressor of every tensor that has a format, by the name of the tensor. */
export type Compressors = Readonly<Record<string, Compressor>>;

/** A model whose matrices compute as a quantization says. */
export interface QuantizedModel {
  /** The tensors of the architecture, and the gains of the norms before matrices. */
  readonly tensors: readonly TensorDescription[];
  /**
   * Parameters as a forward pass takes them: latents rounded by their formats with a straight-through gradient, inputs
   * normalised and rounded on their way into each matrix. A trainer takes it as its transform.
   */
  bind(params: TensorMap): TensorMap;
}

/**
 * @param tensors of the architecture
 * @param packed codes of matrices that are multiplied with as they are; they need no parameter
 * @throws ForgeError AF_MODEL_CONFIG when the quantization names what the model does not have
 */
export function quantizedModel(
  tensors: readonly TensorDescription[],
  quantization: Quantization,
  compressors: Compressors,
  packed: Readonly<Record<string, PackedMatrix>> = {},
): QuantizedModel {
  requireKnown(tensors, quantization);
  const norms = new Set(quantization.norms);
  const all = tensors.flatMap((tensor) => (norms.has(tensor.name) ? [tensor, gainOf(tensor)] : [tensor]));
  return {
    tensors: all.filter(({ name }) => packed[name] === undefined),
    bind: (params) => {
      const bound: TensorMap = { ...params };
      for (const tensor of tensors) {
        const { name } = tensor;
        if (packed[name] === undefined && quantization.formats[name] === undefined && !norms.has(name))
          continue;
        bound[name] = matrixOf(tensor, params, {
          quantization,
          compressor: compressors[name],
          packed: packed[name],
        });
      }
      return bound;
    },
  };
}

/** What a matrix is made of. */
interface Parts {
  readonly quantization: Quantization;
  readonly compressor: Compressor | undefined;
  readonly packed: PackedMatrix | undefined;
}

function matrixOf(tensor: TensorDescription, params: TensorMap, { quantization, compressor, packed }: Parts) {
  const { name } = tensor;
  const input = inputOf(tensor, params, quantization, compressor);
  if (packed !== undefined) return packedOperator(tensor, packed, input);
  const latent = params[name]!;
  const rounded =
    quantization.weights === 'latent' ? compressor?.straightThrough?.(latent, hintsOf(tensor)) : undefined;
  const weight = (rounded ?? tf.clone(latent)) as Tensor2D;
  if (!isMultiplied(tensor)) return weight;
  const transposed = hintsOf(tensor).layout === 'out-in';
  const product = (x: Tensor2D, matrix: Tensor2D): Tensor2D => tf.matMul(x, matrix, false, transposed);
  // A product of whole numbers: low formats hold them exactly, and their scales stay in float32.
  const whole = rounded !== undefined && !input.exact;
  return withOperator(weight, {
    multiply: (x, matrix) => {
      const prepared = input.rounded(input.normal(x));
      return whole ? inFullPrecision(() => product(prepared, matrix)) : product(prepared, matrix);
    },
  });
}

/** What happens to the input of a matrix: its own norm, then rounding where the matrix is quantised. */
function inputOf(
  tensor: TensorDescription,
  params: TensorMap,
  { norms, epsilon, activations, formats }: Quantization,
  compressor: Compressor | undefined,
): PreparedInput {
  const { name } = tensor;
  const gain = norms.includes(name) ? (params[normName(name)] as Tensor1D) : null;
  const rounds = isMultiplied(tensor) && formats[tensor.name] !== undefined;
  const rounded = (x: Tensor2D): Tensor2D => {
    if (!rounds || activations === 'float') return x;
    const width = x.shape[1];
    return int8Blocks(x, activations === 'int8' ? width : (compressor?.inputBlock?.(width) ?? width));
  };
  return {
    normal: (x) => (gain === null ? x : rmsNorm(x, gain, epsilon)),
    rounded,
    exact: activations === 'float',
  };
}

/** Whether a tensor is read by operators alone: linear matrices, and tables, by rows and as a head. */
export function isMultiplied({ linear, role, shape }: TensorDescription): boolean {
  return shape.length === 2 && (linear === true || role === 'embedding' || role === 'output-head');
}

/** Where a tensor's outputs are: tables have a row per id. */
export function hintsOf({ role, layout }: Pick<TensorDescription, 'role' | 'layout'>): CompressionHints {
  return { layout: role === 'embedding' || role === 'output-head' ? 'out-in' : (layout ?? 'in-out') };
}

function gainOf({ name, shape, layout, layer }: TensorDescription): TensorDescription {
  const width = shape[layout === 'out-in' ? 1 : 0]!;
  return {
    ...{ name: normName(name), shape: [width], role: 'norm', init: { kind: 'constant', value: 1 } },
    ...(layer === undefined ? {} : { layer }),
  };
}

function requireKnown(tensors: readonly TensorDescription[], { formats, norms }: Quantization): void {
  const known = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const unknown = [...Object.keys(formats), ...norms].filter((name) => !known.has(name));
  const plain = norms.filter((name) => known.has(name) && known.get(name)!.linear !== true);
  if (unknown.length === 0 && plain.length === 0) return;
  throw new ForgeError(
    'AF_MODEL_CONFIG',
    unknown.length > 0
      ? `The quantization names tensors that the model does not have: ${unknown.join(', ')}.`
      : `A norm can stand before linear matrices alone, not before ${plain.join(', ')}.`,
    {
      at: 'quantization',
      fix: 'Name tensors of the model: its architecture describes them.',
      facts: { unknown, plain },
    },
  );
}

/**
 * An architecture whose forward pass and decoding compute with a quantization: what evaluates, writes or serves models
 * needs to know nothing of it. Training takes `bind` instead, so that a teacher of the same architecture stays as it is.
 *
 * @param quantizedOf for hyper-parameters that were validated
 */
export function quantizedArchitecture(
  base: Architecture,
  quantizedOf: (tensors: readonly TensorDescription[]) => QuantizedModel,
): Architecture {
  const { decoder, interchange: _, ...rest } = base;
  const of = (config: unknown): QuantizedModel => quantizedOf(base.describe(config));
  return {
    ...rest,
    describe: (config) => of(config).tensors,
    forward: (config, params, input, options) =>
      base.forward(config, of(config).bind(params), input, options),
    ...(decoder === undefined
      ? {}
      : {
          decoder: {
            carried: (config, rows, longest) => decoder.carried(config, rows, longest),
            limit: (config) => decoder.limit(config),
            decode: (config, params, state, input) =>
              decoder.decode(config, of(config).bind(params), state, input),
          },
        }),
  };
}
