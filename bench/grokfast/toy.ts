import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { HostTensor, TensorDict, TensorMap } from '../../core/contracts/tensor.js';
import { fillNormal, fillUniform, streamKey } from '../../nn/random/index.js';
import { withGradient } from '../../nn/layers/with-gradient.js';

/** A tensor of a toy and how it starts, as PyTorch's layers do by default. */
export interface ToyTensor {
  readonly shape: readonly number[];
  /** normal: standard normal; uniform: within +-bound; constant. */
  readonly init:
    | { readonly kind: 'normal' }
    | { readonly kind: 'uniform'; readonly bound: number }
    | { readonly kind: 'constant'; readonly value: number };
  /** The matrix of a hidden layer: orthogonalised by Muon, and ternary where hidden layers are. */
  readonly hidden?: true;
}

/** A model of modular addition: what it is made of, and its answers as plain tfjs. */
export interface Toy {
  readonly tensors: Readonly<Record<string, ToyTensor>>;
  /** @param a,b int32 [n] @returns logits of the answer [n, vocabulary] */
  logits(params: TensorMap, a: Tensor1D, b: Tensor1D): Tensor2D;
}

export function parametersOf({ tensors }: Toy): number {
  return Object.values(tensors).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** Fresh weights of a seed: the same for every way to train them. */
export function startOf({ tensors }: Toy, seed: number): TensorDict {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, init }]): [string, HostTensor] => {
      const data = new Float32Array(sizeOf(shape));
      const key = streamKey(seed, 'grokfast', 'init', name);
      if (init.kind === 'constant') data.fill(init.value);
      else if (init.kind === 'normal') fillNormal(key, data);
      else {
        fillUniform(key, data);
        for (let i = 0; i < data.length; i++) data[i] = (2 * data[i]! - 1) * init.bound;
      }
      return [name, { shape, dtype: 'float32', data }];
    }),
  );
}

export const constant = (shape: readonly number[], value: number): ToyTensor => ({
  shape,
  init: { kind: 'constant', value },
});

export const normal = (shape: readonly number[]): ToyTensor => ({ shape, init: { kind: 'normal' } });

/** Weight [in, out] and bias of a linear layer, uniform within 1 / sqrt(in). */
export function linearTensors(name: string, inputs: number, outputs: number): Record<string, ToyTensor> {
  const init = { kind: 'uniform', bound: 1 / Math.sqrt(inputs) } as const;
  return {
    [`${name}.weight`]: { shape: [inputs, outputs], init, hidden: true },
    [`${name}.bias`]: { shape: [outputs], init },
  };
}

/** x W + b over the last axis. */
export function applyLinear(params: TensorMap, name: string, x: Tensor): Tensor {
  const weight = params[`${name}.weight`] as Tensor2D;
  const rows = tf.matMul(tf.reshape(x, [-1, weight.shape[0]]) as Tensor2D, weight);
  const shifted = tf.add(rows, params[`${name}.bias`]!);
  return tf.reshape(shifted, [...x.shape.slice(0, -1), weight.shape[1]]);
}

/** Rows of a table as a product with ones and zeros: its gradient is a product too. @param ids int32 [n] */
export function lookUp(table: Tensor2D, ids: Tensor1D): Tensor2D {
  return tf.matMul(tf.cast(tf.oneHot(ids, table.shape[0]), 'float32') as Tensor2D, table);
}

/** x Phi(x) (Hendrycks and Gimpel 2016), exact. Its gradient Phi(x) + x phi(x) is written out. */
export function gelu<T extends Tensor>(x: T): T {
  return withGradient<T>([x], (input) => {
    const below = tf.mul(tf.add(tf.erf(tf.mul(input!, Math.SQRT1_2)), 1), 0.5);
    return {
      value: tf.mul(input!, below),
      saved: [input!, below],
      gradient: (dy, saved) => {
        const density = tf.mul(tf.exp(tf.mul(tf.square(saved[0]!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return [tf.mul(dy, tf.add(saved[1]!, tf.mul(saved[0]!, density)))];
      },
    };
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
