import * as tf from '@tensorflow/tfjs';
import type { Tensor2D } from '@tensorflow/tfjs';
import type { TensorDescription, TensorRole } from '../../core/contracts/architecture.js';
import type { TensorDict, TensorMap } from '../../core/contracts/tensor.js';
import { ForgeError } from '../../core/errors/index.js';
import { initializeWeights } from '../models/index.js';
import { addedProduct } from './host-product.js';

export interface LoraOptions {
  /** r: columns of A and rows of B. */
  readonly rank: number;
  /** The change is alpha / rank times A B. */
  readonly alpha: number;
  /** Roles of the matrices that get an adapter; absent: every linear matrix. */
  readonly roles?: readonly TensorRole[] | null;
  /** Zero-based layers that get adapters, tensors shared by all layers left out; absent: all. */
  readonly layers?: readonly number[] | null;
}

/** Adapters of a model, as a trainer takes them. */
export interface LoraAdapters {
  /** `<matrix>.lora_a` and `<matrix>.lora_b` of every adapted matrix, in its layout and with its role. */
  readonly tensors: readonly TensorDescription[];
  /** Names of the matrices that are adapted. */
  readonly targets: readonly string[];
  /** From base and adapters: the base with W + (alpha / rank) A B, without the adapters. Gradients flow into both. */
  readonly transform: (params: TensorMap) => TensorMap;
  /** Adapters at the start: A random, B zero, so that the model is the base. */
  readonly initial: (seed: number) => TensorDict;
  /**
   * The plain weights that compute what {@link transform} does.
   * @param weights the base, in whose order the result is
   * @param adapters where the adapters are; default: among the weights
   */
  readonly merge: (weights: TensorDict, adapters?: TensorDict) => TensorDict;
}

interface Adapter {
  readonly matrix: TensorDescription;
  readonly a: TensorDescription;
  readonly b: TensorDescription;
  readonly transposed: boolean;
}

/**
 * Low-rank adapters (LoRA; Hu et al. 2021) for the linear matrices of any architecture. A matrix [in, out] has A [in, r]
 * and B [r, out]; one that is stored [out, in] has A [r, in] and B [out, r], as Hugging Face stores them.
 *
 * @throws ForgeError AF_CONFIG_INVALID when no matrix of the model is meant, or rank or alpha cannot be used
 */
export function lora(model: readonly TensorDescription[], options: LoraOptions): LoraAdapters {
  checkOptions(options);
  const adapters = model
    .filter((tensor) => isAdapted(tensor, options))
    .map((matrix) => adapterOf(matrix, options));
  if (adapters.length === 0) throw nothingAdapted(model, options);
  const tensors = adapters.flatMap(({ a, b }) => [a, b]);
  const added = new Set(tensors.map(({ name }) => name));
  const scale = options.alpha / options.rank;
  const plain = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !added.has(name)));
  return {
    tensors,
    targets: adapters.map(({ matrix }) => matrix.name),
    initial: (seed) => initializeWeights(tensors, seed),
    transform: (params) => ({
      ...plain(params),
      ...Object.fromEntries(
        adapters.map((adapter) => [adapter.matrix.name, adapted(params, adapter, scale)]),
      ),
    }),
    merge: (weights, from = weights) => {
      const merged = plain(weights);
      for (const { matrix, a, b, transposed } of adapters) {
        const [left, right] = transposed ? [b, a] : [a, b];
        merged[matrix.name] = addedProduct(merged[matrix.name]!, from[left.name]!, from[right.name]!, scale);
      }
      return merged;
    },
  };
}

function adapted(params: TensorMap, { matrix, a, b, transposed }: Adapter, scale: number): Tensor2D {
  const [left, right] = transposed ? [b, a] : [a, b];
  // Scaling the narrow factor costs less than scaling the product.
  const narrow = tf.mul(params[left.name]!, scale) as Tensor2D;
  return tf.add(params[matrix.name]!, tf.matMul(narrow, params[right.name] as Tensor2D));
}

function isAdapted({ linear, role, layer }: TensorDescription, { roles, layers }: LoraOptions): boolean {
  if (linear !== true) return false;
  if (roles != null && !roles.includes(role)) return false;
  return layers == null || (layer !== undefined && layers.includes(layer));
}

function adapterOf(matrix: TensorDescription, { rank }: LoraOptions): Adapter {
  const { name, shape, role, layer, layout } = matrix;
  const transposed = layout === 'out-in';
  const [first, second] = shape as [number, number];
  const inside = transposed ? second : first;
  const own = {
    role,
    ...(layer === undefined ? {} : { layer }),
    ...(layout === undefined ? {} : { layout }),
  };
  const a: TensorDescription = {
    name: `${name}.lora_a`,
    shape: transposed ? [rank, second] : [first, rank],
    ...own,
    // What is read keeps its size.
    init: { kind: 'normal', std: 1 / Math.sqrt(inside) },
  };
  const b: TensorDescription = {
    name: `${name}.lora_b`,
    shape: transposed ? [first, rank] : [rank, second],
    ...own,
    init: { kind: 'constant', value: 0 },
  };
  return { matrix, a, b, transposed };
}

function checkOptions({ rank, alpha }: LoraOptions): void {
  if (Number.isInteger(rank) && rank >= 1 && Number.isFinite(alpha)) return;
  throw new ForgeError('AF_CONFIG_INVALID', 'Rank or alpha of the adapters cannot be used.', {
    at: 'adapters',
    fix: 'Give a whole rank of at least 1 and a finite alpha; alpha equal to the rank leaves the product as it is.',
    facts: { rank, alpha },
  });
}

function nothingAdapted(model: readonly TensorDescription[], { roles, layers }: LoraOptions): ForgeError {
  const there = [...new Set(model.filter(({ linear }) => linear === true).map(({ role }) => role))];
  return new ForgeError('AF_CONFIG_INVALID', 'No linear matrix of the model is to be adapted.', {
    at: 'adapters',
    fix: `Name roles that the model's linear matrices have: ${there.join(', ') || 'it has none'}.`,
    facts: { roles: roles ?? null, layers: layers ?? null },
  });
}
