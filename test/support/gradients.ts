import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import { fillNormal, streamKey } from '../../nn/random/index.js';

/** A seeded tensor of standard normal numbers. */
export function gaussianTensor(name: string, shape: number[], scale = 1): Tensor {
  const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
  fillNormal(streamKey(5, name), data);
  return tf.tensor(
    data.map((value) => value * scale),
    shape,
  );
}

/** Value of fn and gradients of sum(fn * dy), with a fixed random dy, as host arrays; the value comes first. */
export function valueAndGradients(
  fn: (...args: Tensor[]) => Tensor,
  args: readonly Tensor[],
): Float32Array[] {
  return tf.tidy(() => {
    const value = fn(...args);
    const dy = gaussianTensor('dy', value.shape.length === 0 ? [] : value.shape);
    const { grads } = tf.valueAndGrads((...inner) => tf.sum(tf.mul(fn(...inner), dy)) as tf.Scalar)([
      ...args,
    ]);
    return [value, ...grads].map((tensor) => Float32Array.from(tensor.dataSync()));
  });
}
