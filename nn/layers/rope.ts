import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import { withGradient } from './with-gradient.js';

/** Cosines and signed sines of the rotary angles, each [1 or B, T, 1, dh]. */
export interface RopeTable {
  readonly cosine: Tensor;
  /** Negative in the first half, as the rotation of the first half needs it. */
  readonly sine: Tensor;
  /** [B, dh, dh]: the rotation of each row as a matrix, see {@link asMatrix}. */
  readonly matrix?: Tensor3D;
}

/**
 * Angles t * theta^(-2i/dh) for positions 0..length-1, in the two-halves layout (dimension i is paired with
 * i + dh/2), from Su et al. 2021. Computed in double precision, once per trace.
 *
 * @param scale factor on both tables: 1/sqrt(dh) on the query's tables saves scaling the scores
 * @param stride positions 0, stride, 2 stride, ... instead
 */
export function ropeTable(
  length: number,
  headWidth: number,
  theta: number,
  scale = 1,
  stride = 1,
): RopeTable {
  const half = headWidth / 2;
  const cosine = new Float32Array(length * headWidth);
  const sine = new Float32Array(length * headWidth);
  const speeds = Array.from({ length: half }, (_, i) => Math.pow(theta, (-2 * i) / headWidth));
  for (let t = 0; t < length; t++) {
    for (let i = 0; i < half; i++) {
      const angle = t * stride * speeds[i]!;
      const at = t * headWidth + i;
      cosine[at] = cosine[at + half] = scale * Math.cos(angle);
      sine[at + half] = scale * Math.sin(angle);
      sine[at] = -sine[at + half]!;
    }
  }
  const shape: [number, number, number, number] = [1, length, 1, headWidth];
  return { cosine: tf.tensor4d(cosine, shape), sine: tf.tensor4d(sine, shape) };
}

/**
 * The rows of a table at given positions.
 *
 * @param positions int32 [B, T], below the table's length
 * @returns tables [B, T, 1, dh]
 */
export function ropeAt({ cosine, sine }: RopeTable, positions: Tensor2D): RopeTable {
  const [rows, length] = positions.shape;
  const width = cosine.shape[3]!;
  const at = (table: Tensor): Tensor => {
    const found = tf.gather(tf.reshape(table, [-1, width]), tf.reshape(positions, [-1]) as Tensor1D);
    return tf.reshape(found, [rows, length, 1, width]);
  };
  return { cosine: at(cosine), sine: at(sine) };
}

/**
 * Rotate each pair of dimensions by its position's angle. The gradient is the rotation back.
 *
 * @param x [B, T, H, dh]
 */
export function applyRope(x: Tensor4D, table: RopeTable): Tensor4D {
  if (table.matrix !== undefined) return turned(x, table.matrix);
  return withGradient<Tensor4D>([x], (input) => ({
    value: tf.add(tf.mul(input!, table.cosine), tf.mul(swapHalves(input as Tensor4D), table.sine)),
    saved: [table.cosine, table.sine],
    gradient: (dy, saved) => [tf.sub(tf.mul(dy, saved[0]!), tf.mul(swapHalves(dy), saved[1]!))],
  }));
}

/**
 * A table of one position per row with its rotations as matrices: one product turns a token faster than five operations
 * on so few elements.
 *
 * @param table [B, 1, 1, dh]
 */
export function asMatrix({ cosine, sine }: RopeTable): RopeTable {
  const [rows, , , width] = cosine.shape as [number, number, number, number];
  const same = tf.reshape(tf.eye(width), [1, 1, width, width]) as Tensor4D;
  const matrix = tf.add(tf.mul(same, cosine), tf.mul(swapHalves(same), sine));
  return { cosine, sine, matrix: tf.reshape(matrix, [rows, width, width]) };
}

/** @param x [B, 1, H, dh] @param matrix [B, dh, dh] */
function turned(x: Tensor4D, matrix: Tensor3D): Tensor4D {
  const [rows, , heads, width] = x.shape;
  return tf.reshape(tf.matMul(tf.reshape(x, [rows, heads, width]), matrix), x.shape);
}

function swapHalves(x: Tensor4D): Tensor4D {
  const half = x.shape[3] / 2;
  const low = tf.slice(x, [0, 0, 0, 0], [-1, -1, -1, half]);
  const high = tf.slice(x, [0, 0, 0, half], [-1, -1, -1, half]);
  return tf.concat([high, low], 3);
}
