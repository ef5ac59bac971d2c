import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs';

/** Quintic coefficients of Jordan et al. 2024 (Muon): they push singular values into about 0.7..1.2. */
const LINEAR = 3.4445;
const CUBIC = -4.775;
const QUINTIC = 2.0315;

/** Added to the norm before dividing, so that a zero matrix stays zero. */
export const NORM_EPSILON = 1e-7;

/**
 * Approximate orthogonalisation U V^T of X = U S V^T by Newton-Schulz steps
 * X <- a X + (b A + c A A) X with A = X X^T on the shorter side, after X / (|X|_F + epsilon).
 *
 * The step is applied as one product with a I + A (b I + c A): elementwise work stays on the small square.
 *
 * @param x [m, n]
 */
export function newtonSchulz(x: Tensor2D, steps: number, epsilon = NORM_EPSILON): Tensor2D {
  const [rows, columns] = x.shape;
  const tall = rows > columns;
  const identity = tf.eye(Math.min(rows, columns));
  let current = tf.div(x, tf.add(tf.sqrt(sumOfSquares(x)), epsilon)) as Tensor2D;
  for (let step = 0; step < steps; step++) {
    const gram = tf.matMul(current, current, tall, !tall) as Tensor2D;
    const inner = tf.add(tf.mul(gram, QUINTIC), tf.mul(identity, CUBIC)) as Tensor2D;
    const map = tf.add(tf.matMul(gram, inner), tf.mul(identity, LINEAR)) as Tensor2D;
    current = (tall ? tf.matMul(current, map) : tf.matMul(map, current)) as Tensor2D;
  }
  return current;
}

/** |X X^T - I|_F / sqrt(n) on the shorter side n: 0 for an orthogonal matrix; about 0.3 after five steps. */
export function orthogonalityError(x: Tensor2D): Scalar {
  const [rows, columns] = x.shape;
  const tall = rows > columns;
  const gram = tf.matMul(x, x, tall, !tall);
  const side = Math.min(rows, columns);
  return tf.sqrt(tf.div(sumOfSquares(tf.sub(gram, tf.eye(side))), side)) as Scalar;
}

/** Squared Frobenius norm as a dot product: one pass over memory. */
export function sumOfSquares(x: Tensor): Scalar {
  const flat = tf.reshape(x, [1, x.size]) as Tensor2D;
  return tf.reshape(tf.matMul(flat, flat, false, true), []) as Scalar;
}

/** sqrt of the summed squares of all tensors. */
export function globalNorm(tensors: readonly Tensor[]): Scalar {
  return tf.sqrt(tf.addN(tensors.map(sumOfSquares))) as Scalar;
}
