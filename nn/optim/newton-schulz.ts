import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs';

/** Quintic coefficients of Jordan et al. 2024 (Muon): they push singular values into about 0.7..1.2. */
const LINEAR = 3.4445;
const CUBIC = -4.775;
const QUINTIC = 2.0315;

/** Added to the norm before dividing, so that a zero matrix stays zero. */
export const NORM_EPSILON = 1e-7;

/**
 * The iterates are kept times this fourth root, Y = QUINTIC^(1/4) X. With G = Y Y^T the step is then
 * Y <- (a I + (b / sqrt c) G + G G) Y: the quintic coefficient is 1 and needs no pass of its own.
 */
const ITERATE_SCALE = Math.pow(QUINTIC, 0.25);

/**
 * Approximate orthogonalisation U V^T of X = U S V^T by Newton-Schulz steps
 * X <- a X + (b A + c A A) X with A = X X^T on the shorter side, after X / (|X|_F + epsilon).
 *
 * A step is one product with a I + G ((b / sqrt c) I + G): elementwise work stays on the small square.
 *
 * @param x [m, n]
 */
export function newtonSchulz(x: Tensor2D, steps: number, epsilon = NORM_EPSILON): Tensor2D {
  const [rows, columns] = x.shape;
  const tall = rows > columns;
  const identity = tf.eye(Math.min(rows, columns));
  const cubic = tf.mul(identity, CUBIC / Math.sqrt(QUINTIC));
  const linear = tf.mul(identity, LINEAR);
  const norm = tf.add(tf.sqrt(sumOfSquares(x)), epsilon);
  let current = tf.mul(x, tf.div(ITERATE_SCALE, norm)) as Tensor2D;
  for (let step = 0; step < steps; step++) {
    const gram = tf.matMul(current, current, tall, !tall);
    const map = tf.add(tf.matMul(gram, tf.add(gram, cubic) as Tensor2D), linear) as Tensor2D;
    current = tall ? tf.matMul(current, map) : tf.matMul(map, current);
  }
  return tf.div(current, ITERATE_SCALE) as Tensor2D;
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
