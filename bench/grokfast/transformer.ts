import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import type { TensorMap } from '../../core/contracts/tensor.js';
import {
  applyLinear,
  constant,
  gelu,
  linearTensors,
  lookUp,
  normal,
  type Toy,
  type ToyTensor,
} from './toy.js';

export interface TransformerShape {
  readonly prime: number;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
}

/** Tokens of a question: x, op, y, =. The fifth position, of the answer, is learnt and never read, as published. */
const LENGTH = 4;
const POSITIONS = 5;
/** Variance added by layer norms. */
const EPSILON = 1e-5;

/**
 * The decoder of the official Grokfast script (Lee et al. 2024): layer norm first, learnt positions, GELU, a head of its
 * own without bias; numbers, op and = are its vocabulary. Two layers of width 128 for p = 97: 422,784 parameters. The
 * answer is read at the last position alone, so the last layer computes nothing else.
 */
export function transformer({ prime, layers, width, heads }: TransformerShape): Toy {
  const vocabulary = prime + 2;
  const names = Array.from({ length: layers }, (_, i) => `layers.${i}`);
  return {
    tensors: {
      tokens: normal([vocabulary, width]),
      positions: normal([POSITIONS, width]),
      ...Object.fromEntries(names.flatMap((name) => Object.entries(layerTensors(name, width)))),
      ...normTensors('norm', width),
      head: { shape: [width, vocabulary], init: { kind: 'uniform', bound: 1 / Math.sqrt(width) } },
    },
    logits: (params, a, b) => {
      let x = embed(params, a.shape[0], [
        lookUp(numbers(params, prime), a),
        lookUp(numbers(params, prime), b),
      ]);
      for (const [i, name] of names.entries())
        x = applyLayer(params, name, x, { heads, last: i === layers - 1 });
      const read = layerNorm(params, 'norm', x);
      return tf.matMul(tf.reshape(read, [-1, width]) as Tensor2D, params['head'] as Tensor2D);
    },
  };
}

function layerTensors(name: string, width: number): Record<string, ToyTensor> {
  // Xavier's bound over [3d, d], as PyTorch's attention starts, and biases of zero.
  const packed = { kind: 'uniform', bound: Math.sqrt(6 / (4 * width)) } as const;
  const plain = linearTensors(`${name}.output`, width, width);
  return {
    ...normTensors(`${name}.norm-attention`, width),
    ...Object.fromEntries(
      ['query', 'key', 'value'].flatMap((part) => [
        [`${name}.${part}.weight`, { shape: [width, width], init: packed, hidden: true }],
        [`${name}.${part}.bias`, constant([width], 0)],
      ]),
    ),
    ...plain,
    [`${name}.output.bias`]: constant([width], 0),
    ...normTensors(`${name}.norm-ffn`, width),
    ...linearTensors(`${name}.up`, width, 4 * width),
    ...linearTensors(`${name}.down`, 4 * width, width),
  };
}

function normTensors(name: string, width: number): Record<string, ToyTensor> {
  return { [`${name}.gain`]: constant([width], 1), [`${name}.bias`]: constant([width], 0) };
}

function numbers(params: TensorMap, prime: number): Tensor2D {
  return tf.slice(params['tokens'] as Tensor2D, [0, 0], [prime, -1]);
}

/** x, op, y, = with their positions. @returns [n, 4, d] */
function embed(params: TensorMap, rows: number, [x, y]: [Tensor2D, Tensor2D]): Tensor3D {
  const tokens = params['tokens'] as Tensor2D;
  const [vocabulary, width] = tokens.shape;
  const sign = (id: number): Tensor => tf.mul(tf.ones([rows, 1]), tf.slice(tokens, [id, 0], [1, width]));
  const stacked = tf.stack([x, sign(vocabulary - 2), y, sign(vocabulary - 1)], 1);
  return tf.add(stacked, tf.slice(params['positions'] as Tensor2D, [0, 0], [LENGTH, width])) as Tensor3D;
}

/** @param last computes the last position alone: [n, 1, d] */
function applyLayer(
  params: TensorMap,
  name: string,
  x: Tensor3D,
  { heads, last }: { readonly heads: number; readonly last: boolean },
): Tensor3D {
  const read = layerNorm(params, `${name}.norm-attention`, x);
  const asked = last ? lastPosition(read) : read;
  const query = inHeads(applyLinear(params, `${name}.query`, asked), heads);
  const key = inHeads(applyLinear(params, `${name}.key`, read), heads);
  const value = inHeads(applyLinear(params, `${name}.value`, read), heads);
  const scores = tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(query.shape[3]));
  const weights = tf.softmax(last ? scores : tf.add(scores, causal()));
  const mixed = tf.transpose(tf.matMul(weights, value), [0, 2, 1, 3]);
  const attended = applyLinear(params, `${name}.output`, tf.reshape(mixed, asked.shape));
  const after = tf.add(last ? lastPosition(x) : x, attended);
  const normal = layerNorm(params, `${name}.norm-ffn`, after);
  const hidden = gelu(applyLinear(params, `${name}.up`, normal));
  return tf.add(after, applyLinear(params, `${name}.down`, hidden)) as Tensor3D;
}

/** [n, t, d] -> [n, h, t, d / h] */
function inHeads(x: Tensor, heads: number): Tensor4D {
  const [rows, length, width] = x.shape as [number, number, number];
  return tf.transpose(tf.reshape(x, [rows, length, heads, width / heads]), [0, 2, 1, 3]) as Tensor4D;
}

function lastPosition(x: Tensor): Tensor3D {
  return tf.slice(x as Tensor3D, [0, LENGTH - 1, 0], [-1, 1, -1]);
}

/** 0 where a position may look, -1e9 where it may not. */
function causal(): Tensor2D {
  const rows = Array.from({ length: LENGTH }, (_, i) =>
    Array.from({ length: LENGTH }, (__, j) => (j <= i ? 0 : -1e9)),
  );
  return tf.tensor2d(rows);
}

function layerNorm(params: TensorMap, name: string, x: Tensor): Tensor {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const spread = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), EPSILON));
  return tf.add(tf.mul(tf.mul(centred, spread), params[`${name}.gain`]!), params[`${name}.bias`]!);
}
